-- The four system roles, the eight permissions and which role holds which. Ids are fixed; a role or
-- permission that an adopted database already has keeps its own id, and a partial seed is completed.
WITH seed(id, name, description) AS (VALUES
	('f10ca7e0000040008000000000000001', 'Viewer', 'Read access'),
	('f10ca7e0000040008000000000000002', 'Editor', 'Create, read and update access'),
	('f10ca7e0000040008000000000000003', 'Owner', 'Full access to what it is granted on'),
	('f10ca7e0000040008000000000000004', 'Admin', 'Full access to everything when granted globally')
)
INSERT INTO role (id, name, description, is_system_role, created_at)
SELECT id, name, description, 1, strftime('%Y-%m-%d %H:%M:%f000', 'now') FROM seed
WHERE NOT EXISTS (SELECT 1 FROM role r WHERE r.name = seed.name);
--> statement-breakpoint
WITH seed(id, name, scope) AS (VALUES
	('f10ca7e0000040008001000000000001', 'Create', 'Flow'),
	('f10ca7e0000040008001000000000002', 'Read', 'Flow'),
	('f10ca7e0000040008001000000000003', 'Update', 'Flow'),
	('f10ca7e0000040008001000000000004', 'Delete', 'Flow'),
	('f10ca7e0000040008001000000000005', 'Create', 'Project'),
	('f10ca7e0000040008001000000000006', 'Read', 'Project'),
	('f10ca7e0000040008001000000000007', 'Update', 'Project'),
	('f10ca7e0000040008001000000000008', 'Delete', 'Project')
)
INSERT INTO permission (id, name, scope, description, created_at)
SELECT id, name, scope, name || ' a ' || lower(scope), strftime('%Y-%m-%d %H:%M:%f000', 'now') FROM seed
WHERE NOT EXISTS (SELECT 1 FROM permission p WHERE p.name = seed.name AND p.scope = seed.scope);
--> statement-breakpoint
WITH holds(role_no, role, permission_no, permission) AS (VALUES
	(1, 'Viewer', 2, 'Read'),
	(2, 'Editor', 1, 'Create'), (2, 'Editor', 2, 'Read'), (2, 'Editor', 3, 'Update'),
	(3, 'Owner', 1, 'Create'), (3, 'Owner', 2, 'Read'), (3, 'Owner', 3, 'Update'), (3, 'Owner', 4, 'Delete'),
	(4, 'Admin', 1, 'Create'), (4, 'Admin', 2, 'Read'), (4, 'Admin', 3, 'Update'), (4, 'Admin', 4, 'Delete')
),
scopes(scope, offset) AS (VALUES ('Flow', 0), ('Project', 4))
INSERT INTO rolepermission (id, role_id, permission_id, created_at)
SELECT 'f10ca7e0000040008002' || printf('%06d%06d', role_no, permission_no + offset), r.id, p.id,
	strftime('%Y-%m-%d %H:%M:%f000', 'now')
FROM holds CROSS JOIN scopes
JOIN role r ON r.name = holds.role
JOIN permission p ON p.name = holds.permission AND p.scope = scopes.scope
WHERE NOT EXISTS (SELECT 1 FROM rolepermission x WHERE x.role_id = r.id AND x.permission_id = p.id);
