CREATE TABLE `flowgate_flow_count` (
	`folder_id` CHAR(32) PRIMARY KEY NOT NULL,
	`n` integer NOT NULL,
	`head` DATETIME,
	`head_id` CHAR(32)
) WITHOUT ROWID;
--> statement-breakpoint
-- A row that comes with -1 is counted at once. So a project that was not counted yet is, by its first write or
-- by 0021, and the triggers below need not know which it was: rows may come in any order, and may be lost.
CREATE TRIGGER `flowgate_flow_count_first` AFTER INSERT ON `flowgate_flow_count` WHEN new.n < 0
BEGIN
	UPDATE flowgate_flow_count SET n = CASE folder_id
		WHEN '*' THEN (SELECT count(*) FROM flow)
		WHEN '' THEN (SELECT count(*) FROM flow WHERE folder_id IS NULL)
		ELSE (SELECT count(*) FROM flow WHERE folder_id = new.folder_id) END,
		(head, head_id) = (SELECT f.updated_at, f.id FROM flow f WHERE f.folder_id = new.folder_id
		ORDER BY f.updated_at DESC, f.id DESC LIMIT 1)
	WHERE folder_id = new.folder_id;
END;
--> statement-breakpoint
-- These count in the transaction of every write, whoever makes it. A flow that comes before the newest takes its place;
-- which one is the newest once that is gone, or is another, is asked of the index.
CREATE TRIGGER `flowgate_flow_count_insert` AFTER INSERT ON `flow`
BEGIN
	INSERT INTO flowgate_flow_count (folder_id, n) VALUES (coalesce(new.folder_id, ''), -1), ('*', -1)
	ON CONFLICT (folder_id) DO UPDATE SET n = n + 1;
	UPDATE flowgate_flow_count SET head = new.updated_at, head_id = new.id
	WHERE folder_id = new.folder_id AND CASE WHEN head IS NULL
		THEN head_id IS NULL OR new.updated_at IS NOT NULL OR new.id > head_id
		ELSE (new.updated_at, new.id) > (head, head_id) END;
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_flow_count_delete` AFTER DELETE ON `flow`
BEGIN
	UPDATE flowgate_flow_count SET n = n - 1 WHERE folder_id IN (coalesce(old.folder_id, ''), '*');
	UPDATE flowgate_flow_count SET (head, head_id) = (SELECT f.updated_at, f.id FROM flow f WHERE f.folder_id = old.folder_id
		ORDER BY f.updated_at DESC, f.id DESC LIMIT 1)
	WHERE folder_id = old.folder_id AND head_id = old.id;
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_flow_count_move` AFTER UPDATE OF `folder_id` ON `flow` WHEN old.folder_id IS NOT new.folder_id
BEGIN
	UPDATE flowgate_flow_count SET n = n - 1 WHERE folder_id = coalesce(old.folder_id, '');
	UPDATE flowgate_flow_count SET (head, head_id) = (SELECT f.updated_at, f.id FROM flow f WHERE f.folder_id = old.folder_id
		ORDER BY f.updated_at DESC, f.id DESC LIMIT 1)
	WHERE folder_id = old.folder_id AND head_id = old.id;
	INSERT INTO flowgate_flow_count (folder_id, n) VALUES (coalesce(new.folder_id, ''), -1)
	ON CONFLICT (folder_id) DO UPDATE SET n = n + 1;
	UPDATE flowgate_flow_count SET head = new.updated_at, head_id = new.id
	WHERE folder_id = new.folder_id AND CASE WHEN head IS NULL
		THEN head_id IS NULL OR new.updated_at IS NOT NULL OR new.id > head_id
		ELSE (new.updated_at, new.id) > (head, head_id) END;
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_flow_count_head` AFTER UPDATE OF `updated_at`, `id` ON `flow`
WHEN old.updated_at IS NOT new.updated_at OR old.id <> new.id
BEGIN
	UPDATE flowgate_flow_count SET (head, head_id) = (SELECT f.updated_at, f.id FROM flow f WHERE f.folder_id = new.folder_id
		ORDER BY f.updated_at DESC, f.id DESC LIMIT 1)
	WHERE folder_id = new.folder_id AND (head_id = old.id OR CASE WHEN head IS NULL
		THEN head_id IS NULL OR new.updated_at IS NOT NULL OR new.id > head_id
		ELSE (new.updated_at, new.id) > (head, head_id) END);
END;
