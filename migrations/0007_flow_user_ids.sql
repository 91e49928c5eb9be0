-- flowgate:repeat flow.user_id written without dashes, in lower case
UPDATE flow SET user_id = lower(replace(user_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM flow
	WHERE (length(user_id) <> 32 OR user_id <> lower(user_id)) AND length(replace(user_id, '-', '')) = 32 LIMIT -1
);
