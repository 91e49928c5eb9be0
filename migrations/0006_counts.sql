CREATE TABLE `flowgate_flow_count` (
	`folder_id` CHAR(32) PRIMARY KEY NOT NULL,
	`n` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
DROP INDEX `ix_userroleassignment_grant`;--> statement-breakpoint
CREATE INDEX `ix_userroleassignment_grants` ON `userroleassignment` (`user_id`,`scope_type`,`scope_id`,`role_id`,`expires_at`);--> statement-breakpoint
-- What is there already; afterwards the triggers count in the transaction of every write, whoever makes it.
INSERT INTO flowgate_flow_count (folder_id, n)
SELECT coalesce(folder_id, ''), count(*) FROM flow GROUP BY 1 UNION ALL SELECT '*', count(*) FROM flow;
--> statement-breakpoint
CREATE TRIGGER `flowgate_flow_count_insert` AFTER INSERT ON `flow`
BEGIN
	INSERT INTO flowgate_flow_count (folder_id, n) VALUES (coalesce(new.folder_id, ''), 1), ('*', 1)
	ON CONFLICT (folder_id) DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_flow_count_delete` AFTER DELETE ON `flow`
BEGIN
	UPDATE flowgate_flow_count SET n = n - 1 WHERE folder_id IN (coalesce(old.folder_id, ''), '*');
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_flow_count_move` AFTER UPDATE OF `folder_id` ON `flow` WHEN old.folder_id IS NOT new.folder_id
BEGIN
	UPDATE flowgate_flow_count SET n = n - 1 WHERE folder_id = coalesce(old.folder_id, '');
	INSERT INTO flowgate_flow_count (folder_id, n) VALUES (coalesce(new.folder_id, ''), 1)
	ON CONFLICT (folder_id) DO UPDATE SET n = n + 1;
END;
