-- flowgate:repeat users' own Starter Projects protected
UPDATE folder SET is_starter_project = 1 WHERE rowid IN (
	SELECT f.rowid FROM folder f CROSS JOIN user u ON u.id = f.user_id
	WHERE f.name = 'Starter Project' AND NOT f.is_starter_project LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat flows in a project that is not their author's: Owner granted to the author
-- Only where nothing was decided by grants so far: the role Owner is the one that 0002 made, and nobody
-- holds another. Such an author had the flow by flow.user_id alone, and the project's owner had no part in it.
-- The grant has the flow's id: by that it is known from one that somebody gave.
INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by)
SELECT f.id, f.user_id, r.id, 'Flow', f.id, 0, strftime('%Y-%m-%d %H:%M:%f000', 'now'), f.user_id
FROM role r CROSS JOIN (SELECT DISTINCT folder_id AS id FROM flow WHERE folder_id IS NOT NULL) w
	LEFT JOIN folder p ON p.id = w.id
	CROSS JOIN flow f ON f.folder_id = w.id AND f.user_id IS NOT p.user_id
	CROSS JOIN user u ON u.id = f.user_id
WHERE r.id = 'f10ca7e0000040008000000000000003' AND r.name = 'Owner'
	AND NOT EXISTS (SELECT 1 FROM userroleassignment a WHERE a.role_id < r.id)
	AND NOT EXISTS (SELECT 1 FROM userroleassignment a WHERE a.role_id > r.id)
	AND NOT EXISTS (SELECT 1 FROM userroleassignment a
		WHERE a.user_id = f.user_id AND a.scope_type = 'Project' AND a.scope_id = w.id)
	AND NOT EXISTS (SELECT 1 FROM userroleassignment a
		WHERE a.user_id = f.user_id AND a.scope_type = 'Flow' AND a.scope_id = f.id)
LIMIT -1;
--> statement-breakpoint
-- flowgate:repeat Starter Projects made for authors of such flows
INSERT INTO folder (id, name, description, is_starter_project, user_id)
SELECT lower(hex(randomblob(16))), 'Starter Project', 'Manage your own projects. Download and upload projects.', 1, u.id
FROM user u
WHERE NOT EXISTS (SELECT 1 FROM folder s
		WHERE s.user_id = u.id AND (s.is_starter_project OR s.name = 'Starter Project'))
	AND EXISTS (SELECT 1 FROM userroleassignment a
		WHERE a.user_id = u.id AND a.scope_type = 'Flow' AND a.id = a.scope_id)
LIMIT -1;
