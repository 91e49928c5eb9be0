-- flowgate:require two rows of `user` whose ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT id, lower(replace(id, '-', '')) AS one FROM user
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32),
alike AS (SELECT id, one FROM odd UNION SELECT t.id, one FROM odd CROSS JOIN user t ON t.id = one)
SELECT 'user ' || min(id) || ' and ' || max(id) FROM alike GROUP BY one HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `folder` whose ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT id, lower(replace(id, '-', '')) AS one FROM folder
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32),
alike AS (SELECT id, one FROM odd UNION SELECT t.id, one FROM odd CROSS JOIN folder t ON t.id = one)
SELECT 'folder ' || min(id) || ' and ' || max(id) FROM alike GROUP BY one HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `flow` whose ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT id, lower(replace(id, '-', '')) AS one FROM flow
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32),
alike AS (SELECT id, one FROM odd UNION SELECT t.id, one FROM odd CROSS JOIN flow t ON t.id = one)
SELECT 'flow ' || min(id) || ' and ' || max(id) FROM alike GROUP BY one HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `apikey` whose ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT id, lower(replace(id, '-', '')) AS one FROM apikey
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32),
alike AS (SELECT id, one FROM odd UNION SELECT t.id, one FROM odd CROSS JOIN apikey t ON t.id = one)
SELECT 'apikey ' || min(id) || ' and ' || max(id) FROM alike GROUP BY one HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `role` whose ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT id, lower(replace(id, '-', '')) AS one FROM role
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32),
alike AS (SELECT id, one FROM odd UNION SELECT t.id, one FROM odd CROSS JOIN role t ON t.id = one)
SELECT 'role ' || min(id) || ' and ' || max(id) FROM alike GROUP BY one HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `permission` whose ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT id, lower(replace(id, '-', '')) AS one FROM permission
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32),
alike AS (SELECT id, one FROM odd UNION SELECT t.id, one FROM odd CROSS JOIN permission t ON t.id = one)
SELECT 'permission ' || min(id) || ' and ' || max(id) FROM alike GROUP BY one HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `folder` with one name, whose users' ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT user_id, name, lower(replace(user_id, '-', '')) AS one FROM folder
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32
		AND name IS NOT NULL),
alike AS (SELECT user_id, name, one FROM odd
	UNION SELECT t.user_id, t.name, one FROM odd
		CROSS JOIN folder t ON t.user_id = one AND t.name = odd.name)
SELECT 'folder ' || quote(name) || ' of user ' || min(user_id) || ' and of user ' || max(user_id)
FROM alike GROUP BY one, name HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `flow` with one name, whose users' ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT user_id, name, lower(replace(user_id, '-', '')) AS one FROM flow
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32
		AND name IS NOT NULL),
alike AS (SELECT user_id, name, one FROM odd
	UNION SELECT t.user_id, t.name, one FROM odd
		CROSS JOIN flow t ON t.user_id = one AND t.name = odd.name)
SELECT 'flow ' || quote(name) || ' of user ' || min(user_id) || ' and of user ' || max(user_id)
FROM alike GROUP BY one, name HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:require two rows of `flow` with one endpoint_name, whose users' ids differ only in dashes or case
WITH odd AS MATERIALIZED (SELECT user_id, endpoint_name, lower(replace(user_id, '-', '')) AS one FROM flow
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32
		AND endpoint_name IS NOT NULL),
alike AS (SELECT user_id, endpoint_name, one FROM odd
	UNION SELECT t.user_id, t.endpoint_name, one FROM odd
		CROSS JOIN flow t ON t.user_id = one AND t.endpoint_name = odd.endpoint_name)
SELECT 'flow ' || quote(endpoint_name) || ' of user ' || min(user_id) || ' and of user ' || max(user_id)
FROM alike GROUP BY one, endpoint_name HAVING count(*) > 1 LIMIT 8;
--> statement-breakpoint
-- flowgate:repeat user.id written without dashes, in lower case
UPDATE user SET id = lower(replace(id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM user
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat folder.id written without dashes, in lower case
UPDATE folder SET id = lower(replace(id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM folder
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat folder.parent_id written without dashes, in lower case
UPDATE folder SET parent_id = lower(replace(parent_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM folder
	WHERE (length(parent_id) <> 32 OR parent_id <> lower(parent_id)) AND length(replace(parent_id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat folder.user_id written without dashes, in lower case
UPDATE folder SET user_id = lower(replace(user_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM folder
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat apikey.id written without dashes, in lower case
UPDATE apikey SET id = lower(replace(id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM apikey
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat apikey.user_id written without dashes, in lower case
UPDATE apikey SET user_id = lower(replace(user_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM apikey
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat role.id written without dashes, in lower case
UPDATE role SET id = lower(replace(id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM role
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat permission.id written without dashes, in lower case
UPDATE permission SET id = lower(replace(id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM permission
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat rolepermission.id written without dashes, in lower case
-- Nothing refers to it, so where another row has that id already a new one does.
UPDATE rolepermission SET id = iif(
	EXISTS (SELECT 1 FROM rolepermission o WHERE o.id = lower(replace(rolepermission.id, '-', ''))),
	lower(hex(randomblob(16))), lower(replace(id, '-', ''))
) WHERE rowid IN (
	SELECT rowid FROM rolepermission
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat rolepermission.role_id written without dashes, in lower case
UPDATE rolepermission SET role_id = lower(replace(role_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM rolepermission
	WHERE (length(role_id) <> 32 OR role_id <> lower(role_id)) AND length(replace(role_id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat rolepermission.permission_id written without dashes, in lower case
UPDATE rolepermission SET permission_id = lower(replace(permission_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM rolepermission
	WHERE (length(permission_id) <> 32 OR permission_id <> lower(permission_id)) AND length(replace(permission_id, '-', '')) = 32 LIMIT -1
);
