-- flowgate:repeat projects whose user became their Owner
-- Whoever already holds a role on the project keeps exactly that, except on the own Starter Project, where
-- Owner is always held.
INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by)
SELECT lower(hex(randomblob(16))), f.user_id, r.id, 'Project', f.id, f.name = 'Starter Project',
	strftime('%Y-%m-%d %H:%M:%f000', 'now'), f.user_id
FROM role r CROSS JOIN folder f CROSS JOIN user u ON u.id = f.user_id
WHERE r.name = 'Owner' AND NOT EXISTS (SELECT 1 FROM userroleassignment a
	WHERE a.user_id = f.user_id AND a.scope_type = 'Project' AND a.scope_id = f.id
		AND (f.name <> 'Starter Project' OR a.role_id = r.id))
LIMIT -1;
