-- flowgate:repeat grants held twice for want of a scope
-- flowgate:acknowledge what is held twice is held once, by the row that lasts longest
-- The unique constraint never saw grants without a scope_id, and compares ids as they are written: what is
-- held twice is held once. An immutable grant stays before others, then the oldest.
DELETE FROM userroleassignment WHERE rowid IN (
	SELECT rid FROM (
		SELECT rowid AS rid, row_number() OVER (
			PARTITION BY iif(length(replace(user_id, '-', '')) = 32, lower(replace(user_id, '-', '')), user_id),
				iif(length(replace(role_id, '-', '')) = 32, lower(replace(role_id, '-', '')), role_id), scope_type
			ORDER BY is_immutable DESC, created_at, rowid) AS n
		FROM userroleassignment WHERE scope_id IS NULL
	) WHERE n > 1 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat grants held twice, with and without dashes or in another case
-- `odd` comes from a covering index and is nearly always empty; only its rows and their twins are compared.
WITH odd AS MATERIALIZED (
	SELECT rowid AS rid, iif(length(replace(user_id, '-', '')) = 32, lower(replace(user_id, '-', '')), user_id) AS u,
		iif(length(replace(role_id, '-', '')) = 32, lower(replace(role_id, '-', '')), role_id) AS r, scope_type AS t,
		iif(length(replace(scope_id, '-', '')) = 32, lower(replace(scope_id, '-', '')), scope_id) AS s
	FROM userroleassignment
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32
		OR (length(role_id) <> 32 OR role_id <> lower(role_id)) AND length(replace(role_id, '-', '')) = 32
		OR (length(scope_id) <> 32 OR scope_id <> lower(scope_id)) AND length(replace(scope_id, '-', '')) = 32
),
held AS (
	SELECT rid, u, r, t, s FROM odd
	UNION SELECT a.rowid, u, r, t, s FROM odd CROSS JOIN userroleassignment a
		ON a.user_id = u AND a.role_id = r AND a.scope_type = t AND a.scope_id IS s
)
DELETE FROM userroleassignment WHERE rowid IN (
	SELECT rid FROM (
		SELECT rid, row_number() OVER (
			PARTITION BY u, r, t, s ORDER BY a.is_immutable DESC, a.created_at, a.rowid) AS n
		FROM held CROSS JOIN userroleassignment a ON a.rowid = rid
	) WHERE n > 1 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat permissions that a role held twice
DELETE FROM rolepermission WHERE rowid IN (
	SELECT rid FROM (
		SELECT rowid AS rid, row_number() OVER (
			PARTITION BY iif(length(replace(role_id, '-', '')) = 32, lower(replace(role_id, '-', '')), role_id),
				iif(length(replace(permission_id, '-', '')) = 32, lower(replace(permission_id, '-', '')), permission_id)
			ORDER BY created_at, rowid) AS n
		FROM rolepermission
	) WHERE n > 1 LIMIT -1
);
