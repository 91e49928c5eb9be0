-- flowgate:repeat flows moved to their author's own Starter Project
-- Those that 0010 granted to their author. What lies in the examples' folder stays there: it has no owner, so
-- nobody else gains a right to it. So does a row of 5 MB, which sqld can delete but neither read nor change.
UPDATE flow SET folder_id = (SELECT s.id FROM folder s
	WHERE s.user_id = flow.user_id AND (s.is_starter_project OR s.name = 'Starter Project')
	ORDER BY s.is_starter_project DESC, s.name = 'Starter Project' DESC, s.id LIMIT 1)
WHERE rowid IN (
	SELECT f.rowid FROM (SELECT DISTINCT folder_id AS id FROM flow WHERE folder_id IS NOT NULL) w
	LEFT JOIN folder p ON p.id = w.id
	CROSS JOIN flow f ON f.folder_id = w.id AND f.user_id IS NOT p.user_id
	CROSS JOIN user u ON u.id = f.user_id
	CROSS JOIN userroleassignment a
		ON a.id = f.id AND a.user_id = f.user_id AND a.scope_type = 'Flow' AND a.scope_id = f.id
	WHERE NOT (p.user_id IS NULL AND coalesce(p.name, '') = 'Starter Projects')
		AND coalesce(octet_length(f.data), 0) < 4900000
		AND EXISTS (SELECT 1 FROM folder s WHERE s.user_id = f.user_id
			AND (s.is_starter_project OR s.name = 'Starter Project'))
	LIMIT -1
);
