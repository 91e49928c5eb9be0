-- flowgate:repeat flow.folder_id written without dashes, in lower case
UPDATE flow SET folder_id = lower(replace(folder_id, '-', '')) WHERE rowid IN (
	SELECT rowid FROM flow
	WHERE (length(folder_id) <> 32 OR folder_id <> lower(folder_id)) AND length(replace(folder_id, '-', '')) = 32 LIMIT -1
);
