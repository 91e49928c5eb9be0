-- flowgate:repeat userroleassignment.id written without dashes, in lower case
-- Nothing refers to it, so where another row has that id already a new one does.
UPDATE userroleassignment SET id = iif(
	EXISTS (SELECT 1 FROM userroleassignment o WHERE o.id = lower(replace(userroleassignment.id, '-', ''))),
	lower(hex(randomblob(16))), lower(replace(id, '-', ''))
) WHERE rowid IN (
	SELECT rowid FROM userroleassignment
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat userroleassignment.user_id written without dashes, in lower case
UPDATE userroleassignment SET user_id = lower(replace(user_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM userroleassignment
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat userroleassignment.role_id written without dashes, in lower case
UPDATE userroleassignment SET role_id = lower(replace(role_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM userroleassignment
	WHERE (length(role_id) <> 32 OR role_id <> lower(role_id)) AND length(replace(role_id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat userroleassignment.scope_id written without dashes, in lower case
UPDATE userroleassignment SET scope_id = lower(replace(scope_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM userroleassignment
	WHERE (length(scope_id) <> 32 OR scope_id <> lower(scope_id)) AND length(replace(scope_id, '-', '')) = 32 LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat userroleassignment.created_by written without dashes, in lower case
UPDATE userroleassignment SET created_by = lower(replace(created_by, '-', '')) WHERE rowid IN (
	SELECT rowid FROM userroleassignment
	WHERE (length(created_by) <> 32 OR created_by <> lower(created_by)) AND length(replace(created_by, '-', '')) = 32 LIMIT -1
);
