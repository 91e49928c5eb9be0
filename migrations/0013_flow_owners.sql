-- flowgate:repeat Owner grants on users' own Starter Projects that cannot be taken away any more
UPDATE userroleassignment SET is_immutable = 1 WHERE rowid IN (
	SELECT a.rowid FROM role r CROSS JOIN folder f CROSS JOIN userroleassignment a
		ON a.user_id = f.user_id AND a.role_id = r.id AND a.scope_type = 'Project' AND a.scope_id = f.id
	WHERE r.name = 'Owner' AND f.name = 'Starter Project' AND NOT a.is_immutable LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat flows without a project whose author became their Owner
INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by)
SELECT lower(hex(randomblob(16))), f.user_id, r.id, 'Flow', f.id, 0, strftime('%Y-%m-%d %H:%M:%f000', 'now'), f.user_id
FROM role r CROSS JOIN flow f ON f.folder_id IS NULL CROSS JOIN user u ON u.id = f.user_id
WHERE r.name = 'Owner' AND NOT EXISTS (SELECT 1 FROM userroleassignment a
	WHERE a.user_id = f.user_id AND a.scope_type = 'Flow' AND a.scope_id = f.id)
LIMIT -1;
