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
--> statement-breakpoint
CREATE TABLE `flowgate_search_entry` (
	`flow_id` CHAR(32) PRIMARY KEY NOT NULL,
	`at` integer,
	`moved` integer,
	`folder_id` CHAR(32),
	`updated_at` DATETIME,
	`size` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `ix_flowgate_search_entry_at` ON `flowgate_search_entry` (`at`,`folder_id`);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_search_entry_moved` ON `flowgate_search_entry` (`moved`,`at`,`folder_id`) WHERE moved IS NOT NULL;
--> statement-breakpoint
-- No text is kept: only which words stand where, marks on Latin letters and case left out. Beginnings of up to five
-- letters have lists of their own.
CREATE VIRTUAL TABLE flowgate_search USING fts5(name, words, labels, content='', contentless_delete=1,
	prefix='1 2 3 4 5', tokenize="unicode61 remove_diacritics 2 categories 'L* N* M* Co'");
--> statement-breakpoint
-- All words of the index in their order.
CREATE VIRTUAL TABLE flowgate_search_term USING fts5vocab(flowgate_search, 'instance');
--> statement-breakpoint
-- The text of a new entry goes into the index: the beginnings of its name, and of endpoint name, tags and description,
-- and as labels its project, each tag exactly, that it is a component or may be one, and that this depends on its graph. Characters from U+E000
-- on mark ends and labels: no search holds one. What the tokenizer leaves as it is, is folded here (src/search/fold.ts does
-- the same to what is looked for), in as much of the text as costs little: marks on Greek, Cyrillic, Arabic and Hebrew are
-- left out, and letters of scripts that put no blanks between words are words by themselves. LIMIT keeps SQLite from doing
-- it twice.
CREATE TRIGGER `flowgate_search_enter` AFTER INSERT ON `flowgate_search_entry` WHEN new.at IS NOT NULL
BEGIN
	INSERT INTO flowgate_search (rowid, name, words, labels)
	SELECT new.at, substr(t, 1, instr(t, char(30)) - 1), substr(t, instr(t, char(30)) + 1), labels
	FROM (SELECT labels, CASE WHEN t NOT GLOB '*[' || char(3584, 45, 3839, 4096, 45, 4255, 6016, 45, 6143, 11904, 45, 40959, 63744, 45, 64255, 131072, 45, 196607) || ']*' THEN t
		ELSE (WITH RECURSIVE spaced(n, c, done) AS (SELECT 1, substr(t, 1, 1), '' UNION ALL SELECT n + 1, substr(t, n + 1, 1), done || CASE
				WHEN c GLOB '[' || char(3584, 45, 3839, 4096, 45, 4255, 6016, 45, 6143, 11904, 45, 40959, 63744, 45, 64255, 131072, 45, 196607) || ']' THEN ' ' || c || ' ' ELSE c END
			FROM spaced WHERE n <= 300)
			SELECT done || substr(t, 301) FROM spaced WHERE n = 301) END AS t
	FROM (SELECT labels, CASE WHEN t NOT GLOB '*[' || char(880, 45, 1791) || ']*' THEN t
		ELSE (WITH RECURSIVE bare(n, done) AS (SELECT 1, substr(t, 1, 500) UNION ALL SELECT n + 1, replace(done,
				substr('ΆΈΉΊΌΎΏΐΪΫάέήίΰϊϋόύώϓϔЀЁЃЇЌЍЎЙйѐёѓїќѝўѶѷӁӂӐӑӒӓӖӗӚӛӜӝӞӟӢӣӤӥӦӧӪӫӬӭӮӯӰӱӲӳӴӵӸӹآأؤإئۀۂۓ' || char(1425, 1426, 1427, 1428, 1429, 1430, 1431, 1432, 1433, 1434, 1435, 1436, 1437, 1438, 1439, 1440, 1441, 1442, 1443, 1444, 1445, 1446, 1447, 1448, 1449, 1450, 1451, 1452, 1453, 1454, 1455, 1456, 1457, 1458, 1459, 1460, 1461, 1462, 1463, 1464, 1465, 1466, 1467, 1468, 1469, 1471, 1473, 1474, 1476, 1477, 1479, 1552, 1553, 1554, 1555, 1556, 1557, 1558, 1559, 1560, 1561, 1562, 1600, 1611, 1612, 1613, 1614, 1615, 1616, 1617, 1618, 1619, 1620, 1621, 1622, 1623, 1624, 1625, 1626, 1627, 1628, 1629, 1630, 1631, 1648), n, 1),
				substr('αεηιουωιιυαεηιυιυουωϒϒеегікиуииеегікиуѵѵжжааааееәәжжззииииооөөээууууууччыыااوايەہے', n, 1))
			FROM bare WHERE n <= 167)
			SELECT done || substr(t, 501) FROM bare WHERE n = 168) END AS t
		FROM (SELECT f.name || ' ' || char(57344, 30) || f.endpoint || coalesce((SELECT group_concat(' ' || char(57344) || ' ' || value, '')
				FROM json_each(f.tags) WHERE key < 100 AND type = 'text'), '') || ' ' || char(57344) || ' ' || f.description AS t,
			f.labels || coalesce((SELECT group_concat(' ' || char(57346) || hex(value), '')
				FROM json_each(f.tags) WHERE key < 100 AND type = 'text' AND length(value) <= 200), '') AS labels
			FROM (SELECT coalesce(CASE WHEN octet_length(f.name) <= 4900000 THEN replace(substr(CAST(f.name AS TEXT), 1, 1000), char(30), ' ') END, '') AS name, coalesce(CASE WHEN octet_length(f.endpoint_name) <= 4900000 THEN replace(substr(CAST(f.endpoint_name AS TEXT), 1, 1000), char(30), ' ') END, '') AS endpoint,
				coalesce(CASE WHEN octet_length(f.description) <= 4900000 THEN replace(substr(CAST(f.description AS TEXT), 1, 2000), char(30), ' ') END, '') AS description,
				CASE WHEN octet_length(f.tags) <= 400000 AND json_valid(CAST(f.tags AS TEXT)) AND json_type(CAST(f.tags AS TEXT)) = 'array'
					THEN CAST(f.tags AS TEXT) ELSE '[]' END AS tags,
				char(57345) || coalesce(hex(f.folder_id), '') || CASE WHEN coalesce(f.is_component, 1) THEN ' ' || char(57347) ELSE '' END || CASE WHEN f.is_component IS NULL THEN ' ' || char(57348) ELSE '' END AS labels
				FROM flow f WHERE f.id = new.flow_id LIMIT 1) f LIMIT 1) LIMIT 1) LIMIT 1) LIMIT 1;
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_search_leave` AFTER DELETE ON `flowgate_search_entry`
BEGIN
	DELETE FROM flowgate_search WHERE rowid = old.at;
END;
--> statement-breakpoint
-- An entry without a number is made anew: with the next number of its millisecond, or where all of these are given away, of
-- the quarter of an hour behind it.
CREATE TRIGGER `flowgate_search_anew` AFTER UPDATE OF `at` ON `flowgate_search_entry` WHEN new.at IS NULL
BEGIN
	DELETE FROM flowgate_search WHERE rowid = old.at;
	DELETE FROM flowgate_search_entry WHERE flow_id = new.flow_id;
	INSERT INTO flowgate_search_entry (flow_id, at, folder_id, updated_at, size)
	SELECT id, coalesce((SELECT max(e.at) + 1 FROM flowgate_search_entry e WHERE e.at >= lo AND e.at < lo + CASE WHEN lo = 1 THEN 1 << 51
		WHEN EXISTS (SELECT 1 FROM flowgate_search_entry x WHERE x.at = lo + (1 << 19) - 1) THEN 1 << 40 ELSE 1 << 19 END), lo),
		folder_id, updated_at, size
	FROM (SELECT f.id, f.folder_id, f.updated_at, coalesce(octet_length(f.name), 0) + coalesce(octet_length(f.endpoint_name), 0) + coalesce(octet_length(f.tags), 0) + coalesce(octet_length(f.description), 0) AS size,
		coalesce((SELECT ms << 20 FROM (SELECT CAST(round(unixepoch(f.updated_at, 'subsec') * 1000) AS INTEGER) AS ms) WHERE ms BETWEEN 1 << 32 AND 1 << 42 AND typeof(f.updated_at) = 'text'), 1) AS lo FROM flow f WHERE f.id = new.flow_id);
END;
--> statement-breakpoint
-- These keep the entries in the transaction of every write, whoever makes it.
CREATE TRIGGER `flowgate_search_insert` AFTER INSERT ON `flow`
BEGIN
	DELETE FROM flowgate_search_entry WHERE flow_id = new.id;
	INSERT INTO flowgate_search_entry (flow_id, at, folder_id, updated_at, size)
	SELECT id, coalesce((SELECT max(e.at) + 1 FROM flowgate_search_entry e WHERE e.at >= lo AND e.at < lo + CASE WHEN lo = 1 THEN 1 << 51
		WHEN EXISTS (SELECT 1 FROM flowgate_search_entry x WHERE x.at = lo + (1 << 19) - 1) THEN 1 << 40 ELSE 1 << 19 END), lo),
		folder_id, updated_at, size
	FROM (SELECT f.id, f.folder_id, f.updated_at, coalesce(octet_length(f.name), 0) + coalesce(octet_length(f.endpoint_name), 0) + coalesce(octet_length(f.tags), 0) + coalesce(octet_length(f.description), 0) AS size,
		coalesce((SELECT ms << 20 FROM (SELECT CAST(round(unixepoch(f.updated_at, 'subsec') * 1000) AS INTEGER) AS ms) WHERE ms BETWEEN 1 << 32 AND 1 << 42 AND typeof(f.updated_at) = 'text'), 1) AS lo FROM flow f WHERE f.id = new.id);
END;
--> statement-breakpoint
-- What has only another time is not entered anew, but moved: its entry says where it stands now. Of those the newest stay so,
-- and whoever writes what is looked at enters some of the others.
CREATE TRIGGER `flowgate_search_move` AFTER UPDATE OF `updated_at` ON `flow` WHEN old.updated_at IS NOT new.updated_at
BEGIN
	UPDATE flowgate_search_entry SET updated_at = new.updated_at, moved = (SELECT
		coalesce((SELECT max(e.moved) + 1 FROM flowgate_search_entry e WHERE e.moved >= lo + w AND e.moved < lo + w + w), lo + w)
		FROM (SELECT lo, iif(lo = 1, 1 << 51, 1 << 19) AS w FROM (SELECT coalesce((SELECT ms << 20 FROM (SELECT CAST(round(unixepoch(new.updated_at, 'subsec') * 1000) AS INTEGER) AS ms) WHERE ms BETWEEN 1 << 32 AND 1 << 42 AND typeof(new.updated_at) = 'text'), 1) AS lo)))
	WHERE flow_id = new.id AND updated_at IS NOT new.updated_at;
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_search_update` AFTER UPDATE OF `id`, `name`, `endpoint_name`, `tags`, `description`, `folder_id`, `is_component` ON `flow`
WHEN old.id IS NOT new.id OR old.name IS NOT new.name OR old.endpoint_name IS NOT new.endpoint_name OR old.tags IS NOT new.tags
	OR old.description IS NOT new.description OR old.folder_id IS NOT new.folder_id OR old.is_component IS NOT new.is_component
	OR EXISTS (SELECT 1 FROM flowgate_search_entry WHERE moved IS NOT NULL LIMIT 1 OFFSET 64)
BEGIN
	DELETE FROM flowgate_search_entry WHERE flow_id = new.id AND old.id IS NOT new.id;
	UPDATE flowgate_search_entry SET at = NULL, flow_id = iif(flow_id = old.id, new.id, flow_id) WHERE flow_id IN (SELECT old.id UNION ALL SELECT flow_id FROM (SELECT flow_id FROM flowgate_search_entry WHERE moved IS NOT NULL ORDER BY moved DESC LIMIT 32 OFFSET 64));
END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_search_delete` AFTER DELETE ON `flow`
BEGIN
	DELETE FROM flowgate_search_entry WHERE flow_id = old.id;
END;
