-- A page by a function that knows the three kinds of callers, and what each of them has to look at.
CREATE FUNCTION page(who uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  r record;
  ids uuid[];
  total bigint;
BEGIN
  SELECT * INTO r FROM reach(who);
  IF r.is_admin THEN
    ids := ARRAY(SELECT f.id FROM flow f ORDER BY f.updated_at DESC, f.id DESC LIMIT 50);
    total := (SELECT n FROM total_count);
  ELSIF r.globally THEN
    ids := ARRAY(SELECT f.id FROM flow f
      WHERE f.id = ANY (r.shown_flows) OR f.id <> ALL (r.hidden_flows)
        AND (f.folder_id IS NULL OR f.folder_id <> ALL (r.hidden_projects))
      ORDER BY f.updated_at DESC, f.id DESC LIMIT 50);
    total := (SELECT n FROM total_count)
      - (SELECT coalesce(sum(n), 0) FROM project_count WHERE folder_id = ANY (r.hidden_projects))
      - (SELECT count(*) FROM flow f WHERE f.id = ANY (r.hidden_flows)
          AND (f.folder_id IS NULL OR f.folder_id <> ALL (r.hidden_projects)))
      + (SELECT count(*) FROM flow f WHERE f.id = ANY (r.shown_flows) AND f.folder_id = ANY (r.hidden_projects));
  ELSE
    -- What is hidden may be all that is newest of a project: so many more are looked into.
    ids := ARRAY(SELECT id FROM (
      SELECT f.id, f.updated_at FROM (
        SELECT c.folder_id FROM project_count c WHERE c.folder_id = ANY (r.shown_projects) AND c.head IS NOT NULL
          ORDER BY c.head DESC LIMIT 50 + cardinality(r.hidden_flows)) p
        CROSS JOIN LATERAL (SELECT f.id, f.updated_at FROM flow f
          WHERE f.folder_id = p.folder_id AND f.id <> ALL (r.hidden_flows)
          ORDER BY f.updated_at DESC, f.id DESC LIMIT 50) f
      UNION SELECT f.id, f.updated_at FROM flow f WHERE f.id = ANY (r.shown_flows)) f
      ORDER BY f.updated_at DESC, f.id DESC LIMIT 50);
    total := (SELECT coalesce(sum(n), 0) FROM project_count WHERE folder_id = ANY (r.shown_projects))
      - (SELECT count(*) FROM flow f WHERE f.id = ANY (r.hidden_flows) AND f.folder_id = ANY (r.shown_projects))
      + (SELECT count(*) FROM flow f WHERE f.id = ANY (r.shown_flows)
          AND (f.folder_id IS NULL OR f.folder_id <> ALL (r.shown_projects)));
  END IF;
  RETURN json_build_object('items', coalesce(headers(ids), '[]'), 'total', total);
END $$;
