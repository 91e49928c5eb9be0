-- flowgate:repeat projects whose flows were counted
INSERT INTO flowgate_flow_count (folder_id, n)
SELECT f.folder_id, -1 FROM (SELECT DISTINCT folder_id FROM flow WHERE folder_id IS NOT NULL) f
WHERE NOT EXISTS (SELECT 1 FROM flowgate_flow_count c WHERE c.folder_id = f.folder_id) LIMIT -1;
--> statement-breakpoint
-- flowgate:repeat totals of all flows and of those without a project
INSERT INTO flowgate_flow_count (folder_id, n)
SELECT t.id, -1 FROM (SELECT '*' AS id UNION ALL SELECT '') t
WHERE NOT EXISTS (SELECT 1 FROM flowgate_flow_count c WHERE c.folder_id = t.id) LIMIT -1;
