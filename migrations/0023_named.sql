-- flowgate:repeat folder of examples marked
-- Before flowgate it is known by its name alone, and of several of that name the oldest is the one that LangBuilder
-- made at its first start. The row says also where there was none, so that no later run marks another.
INSERT INTO flowgate_examples (folder_id)
SELECT coalesce((SELECT f.id FROM folder f WHERE f.user_id IS NULL AND f.name = 'Starter Projects'
	ORDER BY f.rowid LIMIT 1), '')
WHERE NOT EXISTS (SELECT 1 FROM flowgate_examples) LIMIT -1;
--> statement-breakpoint
-- flowgate:repeat users' names that are one per look
-- Plain ASCII is what SQL can fold as names.ts does; what is left NULL is folded before the next name is given.
-- Of names that look alike a superuser's is kept, then the oldest.
UPDATE user SET username_key = lower(username) WHERE rowid IN (
	SELECT rid FROM (
		SELECT rowid AS rid, lower(username) AS folded,
			row_number() OVER (PARTITION BY lower(username) ORDER BY is_superuser DESC, create_at, rowid) AS n
		FROM user WHERE username_key IS NULL AND length(username) BETWEEN 1 AND 255
			AND username NOT GLOB '*[^ -~]*' AND username = trim(username) AND NOT instr(username, '  ')
	) w WHERE n = 1 AND NOT EXISTS (SELECT 1 FROM user o WHERE o.username_key = w.folded) LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat users' names that look like another's
-- They go on working as they are written. No key of a name begins with a space, so theirs is nobody else's.
UPDATE user SET username_key = ' ' || id WHERE rowid IN (
	SELECT u.rowid FROM user u WHERE u.username_key IS NULL AND (length(u.username) NOT BETWEEN 1 AND 255
		OR u.username NOT GLOB '*[^ -~]*' AND u.username = trim(u.username) AND NOT instr(u.username, '  ')
			AND EXISTS (SELECT 1 FROM user o WHERE o.username_key = lower(u.username))) LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat roles' names that are one per look
UPDATE role SET name_key = lower(name) WHERE rowid IN (
	SELECT rid FROM (
		SELECT rowid AS rid, lower(name) AS folded,
			row_number() OVER (PARTITION BY lower(name) ORDER BY is_system_role DESC, created_at, rowid) AS n
		FROM role WHERE name_key IS NULL AND length(name) BETWEEN 1 AND 255
			AND name NOT GLOB '*[^ -~]*' AND name = trim(name) AND NOT instr(name, '  ')
	) w WHERE n = 1 AND NOT EXISTS (SELECT 1 FROM role o WHERE o.name_key = w.folded) LIMIT -1
);
--> statement-breakpoint
-- flowgate:repeat roles' names that look like another's
UPDATE role SET name_key = ' ' || id WHERE rowid IN (
	SELECT r.rowid FROM role r WHERE r.name_key IS NULL AND (length(r.name) NOT BETWEEN 1 AND 255
		OR r.name NOT GLOB '*[^ -~]*' AND r.name = trim(r.name) AND NOT instr(r.name, '  ')
			AND EXISTS (SELECT 1 FROM role o WHERE o.name_key = lower(r.name))) LIMIT -1
);
