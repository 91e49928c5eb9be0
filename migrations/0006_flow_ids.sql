-- flowgate:require a flow that is too large to be changed (5 MB), and whose ids have dashes or upper case
SELECT 'flow ' || id || ' of ' || octet_length(data) || ' bytes' FROM flow
WHERE rowid IN (
	SELECT rowid FROM flow WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32
	UNION SELECT rowid FROM flow WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32
	UNION SELECT rowid FROM flow WHERE (length(folder_id) <> 32 OR folder_id <> lower(folder_id)) AND length(replace(folder_id, '-', '')) = 32
) AND octet_length(data) >= 4900000 LIMIT 8;
--> statement-breakpoint
-- flowgate:repeat flow.id written without dashes, in lower case
-- Found in a covering index: rows with a large graph are read only where they change.
UPDATE flow SET id = lower(replace(id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM flow
	WHERE (length(id) <> 32 OR id <> lower(id)) AND length(replace(id, '-', '')) = 32 LIMIT -1
);
