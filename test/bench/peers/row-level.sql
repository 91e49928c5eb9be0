-- The plain page, and a policy for each kind of caller: signing in says which, and keeps what they hold for the transaction.
CREATE ROLE admins;
CREATE ROLE viewers;
CREATE ROLE members;
CREATE ROLE guests;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO admins, viewers, members, guests;

CREATE FUNCTION sign_in(who uuid) RETURNS text LANGUAGE sql AS $$
  SELECT set_config('flowgate.shown_flows', r.shown_flows::text, true)
    || set_config('flowgate.hidden_flows', r.hidden_flows::text, true)
    || set_config('flowgate.shown_projects', r.shown_projects::text, true)
    || set_config('flowgate.hidden_projects', r.hidden_projects::text, true)
    || set_config('role', CASE WHEN r.is_admin THEN 'admins' WHEN r.globally THEN 'viewers'
      WHEN r.shown_projects = '{}' THEN 'guests' ELSE 'members' END, true)
  FROM reach(who) r $$;

-- As a subquery, an array is read once a statement and not once a row; said outright, it is known when the plan is made,
-- which pays where nothing else is asked.
CREATE POLICY admins ON flow FOR SELECT TO admins USING (true);
CREATE POLICY guests ON flow FOR SELECT TO guests USING (id = ANY (current_setting('flowgate.shown_flows')::uuid[]));
CREATE POLICY viewers ON flow FOR SELECT TO viewers USING (
  id = ANY ((SELECT current_setting('flowgate.shown_flows')::uuid[])::uuid[])
  OR id <> ALL ((SELECT current_setting('flowgate.hidden_flows')::uuid[])::uuid[])
    AND (folder_id IS NULL OR folder_id <> ALL ((SELECT current_setting('flowgate.hidden_projects')::uuid[])::uuid[])));
CREATE POLICY members ON flow FOR SELECT TO members USING (
  id = ANY ((SELECT current_setting('flowgate.shown_flows')::uuid[])::uuid[])
  OR folder_id = ANY ((SELECT current_setting('flowgate.shown_projects')::uuid[])::uuid[])
    AND id <> ALL ((SELECT current_setting('flowgate.hidden_flows')::uuid[])::uuid[]));
ALTER TABLE flow ENABLE ROW LEVEL SECURITY;
