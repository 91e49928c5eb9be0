-- flowgate:repeat projects whose flows were counted
INSERT INTO flowgate_flow_count (folder_id, n)
SELECT f.folder_id, -1 FROM (SELECT DISTINCT folder_id FROM flow WHERE folder_id IS NOT NULL) f
WHERE NOT EXISTS (SELECT 1 FROM flowgate_flow_count c WHERE c.folder_id = f.folder_id) LIMIT -1;
--> statement-breakpoint
-- flowgate:repeat totals of all flows and of those without a project
INSERT INTO flowgate_flow_count (folder_id, n)
SELECT t.id, -1 FROM (SELECT '*' AS id UNION ALL SELECT '') t
WHERE NOT EXISTS (SELECT 1 FROM flowgate_flow_count c WHERE c.folder_id = t.id) LIMIT -1;
--> statement-breakpoint
-- Newest first, so that those are found first and a slice begins where the oldest entry stands; entered in the order
-- of time, which is the one that the index takes at once, and each at a greater number than the one before.
-- flowgate:repeat flows that can be searched for
INSERT INTO flowgate_search_entry (flow_id, at, folder_id, updated_at, size)
SELECT id, max(base - n) OVER (ORDER BY n) + n, folder_id, updated_at, size
FROM (SELECT f.*, row_number() OVER (ORDER BY updated_at, id) AS n,
	coalesce((SELECT max(e.at) + 1 FROM flowgate_search_entry e WHERE e.at >= ms << 20 AND e.at < (ms << 20) +
		iif(EXISTS (SELECT 1 FROM flowgate_search_entry x WHERE x.at = (ms << 20) + (1 << 19) - 1), 1 << 40, 1 << 19)), ms << 20) AS base
	FROM (SELECT f.id, f.folder_id, f.updated_at, coalesce(octet_length(f.name), 0) + coalesce(octet_length(f.endpoint_name), 0) + coalesce(octet_length(f.tags), 0) + coalesce(octet_length(f.description), 0) AS size,
		CAST(round(unixepoch(f.updated_at, 'subsec') * 1000) AS INTEGER) AS ms FROM flow f
		WHERE f.updated_at <= coalesce((SELECT e.updated_at FROM flowgate_search_entry e WHERE e.at >= 1 << 52 ORDER BY e.at LIMIT 1), '9999-12-31') AND unixepoch(f.updated_at) BETWEEN 1 << 23 AND 1 << 32 AND NOT EXISTS (SELECT 1 FROM flowgate_search_entry e WHERE e.flow_id = f.id)
		ORDER BY f.updated_at DESC, f.id DESC LIMIT -1) f)
ORDER BY n;
--> statement-breakpoint
-- All others, once the ones above are through.
-- flowgate:repeat undated flows that can be searched for
INSERT INTO flowgate_search_entry (flow_id, at, folder_id, updated_at, size)
SELECT f.id, base + row_number() OVER (ORDER BY f.updated_at, f.id), f.folder_id, f.updated_at, f.size
FROM (SELECT coalesce(max(e.at), 0) AS base FROM flowgate_search_entry e WHERE e.at < 1 << 51) CROSS JOIN
	(SELECT f.id, f.folder_id, f.updated_at, coalesce(octet_length(f.name), 0) + coalesce(octet_length(f.endpoint_name), 0) + coalesce(octet_length(f.tags), 0) + coalesce(octet_length(f.description), 0) AS size
	FROM (SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM flow d WHERE d.updated_at <= coalesce((SELECT e.updated_at FROM flowgate_search_entry e WHERE e.at >= 1 << 52 ORDER BY e.at LIMIT 1), '9999-12-31') AND unixepoch(d.updated_at) BETWEEN 1 << 23 AND 1 << 32 AND NOT EXISTS (SELECT 1 FROM flowgate_search_entry e WHERE e.flow_id = d.id))) CROSS JOIN flow f
	WHERE NOT EXISTS (SELECT 1 FROM flowgate_search_entry e WHERE e.flow_id = f.id) LIMIT -1) f;
