-- Ids that another tool wrote with dashes get the canonical 32 digits, in every column that holds one.
UPDATE OR IGNORE user SET id = lower(replace(id, '-', '')) WHERE length(id) = 36;
--> statement-breakpoint
UPDATE OR IGNORE folder SET id = lower(replace(id, '-', '')), parent_id = lower(replace(parent_id, '-', '')),
	user_id = lower(replace(user_id, '-', ''))
WHERE length(id) = 36 OR length(parent_id) = 36 OR length(user_id) = 36;
--> statement-breakpoint
-- Each arm of the UNION is answered by a covering index: rows with a large graph are not read.
UPDATE OR IGNORE flow SET id = lower(replace(id, '-', '')), user_id = lower(replace(user_id, '-', '')),
	folder_id = lower(replace(folder_id, '-', ''))
WHERE rowid IN (
	SELECT rowid FROM flow WHERE length(id) = 36
	UNION SELECT rowid FROM flow WHERE length(user_id) = 36
	UNION SELECT rowid FROM flow WHERE length(folder_id) = 36
);
--> statement-breakpoint
UPDATE OR IGNORE apikey SET id = lower(replace(id, '-', '')), user_id = lower(replace(user_id, '-', ''))
WHERE length(id) = 36 OR length(user_id) = 36;
--> statement-breakpoint
UPDATE OR IGNORE role SET id = lower(replace(id, '-', '')) WHERE length(id) = 36;
--> statement-breakpoint
UPDATE OR IGNORE permission SET id = lower(replace(id, '-', '')) WHERE length(id) = 36;
--> statement-breakpoint
UPDATE OR IGNORE rolepermission SET id = lower(replace(id, '-', '')), role_id = lower(replace(role_id, '-', '')),
	permission_id = lower(replace(permission_id, '-', ''))
WHERE length(id) = 36 OR length(role_id) = 36 OR length(permission_id) = 36;
--> statement-breakpoint
UPDATE OR IGNORE userroleassignment SET id = lower(replace(id, '-', '')), user_id = lower(replace(user_id, '-', '')),
	role_id = lower(replace(role_id, '-', '')), scope_id = lower(replace(scope_id, '-', '')),
	created_by = lower(replace(created_by, '-', ''))
WHERE length(id) = 36 OR length(user_id) = 36 OR length(role_id) = 36 OR length(scope_id) = 36 OR length(created_by) = 36;
--> statement-breakpoint
-- A user's own default project is protected, and its Owner grant cannot be taken away.
UPDATE folder SET is_starter_project = 1
WHERE name = 'Starter Project' AND is_starter_project = 0 AND user_id IN (SELECT id FROM user);
--> statement-breakpoint
UPDATE userroleassignment SET is_immutable = 1
WHERE is_immutable = 0 AND scope_type = 'Project' AND role_id = (SELECT id FROM role WHERE name = 'Owner')
	AND EXISTS (SELECT 1 FROM folder f WHERE f.id = userroleassignment.scope_id AND f.user_id = userroleassignment.user_id
		AND f.name = 'Starter Project');
--> statement-breakpoint
-- Owners of projects: whoever already holds a role on the project keeps exactly that, except on the
-- own Starter Project, where Owner is always held.
INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by)
SELECT lower(hex(randomblob(16))), f.user_id, r.id, 'Project', f.id, f.name = 'Starter Project',
	strftime('%Y-%m-%d %H:%M:%f000', 'now'), f.user_id
FROM folder f JOIN user u ON u.id = f.user_id JOIN role r ON r.name = 'Owner'
WHERE NOT EXISTS (SELECT 1 FROM userroleassignment a
	WHERE a.user_id = f.user_id AND a.scope_type = 'Project' AND a.scope_id = f.id
		AND (f.name <> 'Starter Project' OR a.role_id = r.id));
--> statement-breakpoint
-- Owners of flows that belong to no project.
INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by)
SELECT lower(hex(randomblob(16))), f.user_id, r.id, 'Flow', f.id, 0, strftime('%Y-%m-%d %H:%M:%f000', 'now'), f.user_id
FROM flow f JOIN user u ON u.id = f.user_id JOIN role r ON r.name = 'Owner'
WHERE f.folder_id IS NULL AND NOT EXISTS (SELECT 1 FROM userroleassignment a
	WHERE a.user_id = f.user_id AND a.scope_type = 'Flow' AND a.scope_id = f.id);
