-- The same rows and the same rule as a careful team would keep them in Postgres: ids as uuid, times as timestamp, one
-- index per question, the count and the newest flow of each project beside it (a trigger's work; nothing is written here).
CREATE TABLE person (id uuid PRIMARY KEY, is_superuser boolean NOT NULL);
CREATE TABLE role (id uuid PRIMARY KEY, is_admin boolean NOT NULL, reads boolean NOT NULL);
CREATE TABLE held (user_id uuid, team_id uuid, role_id uuid NOT NULL, scope text NOT NULL, scope_id uuid, ends timestamp);
CREATE TABLE member (user_id uuid, team_id uuid, PRIMARY KEY (user_id, team_id));
CREATE TABLE flow (id uuid PRIMARY KEY, name text NOT NULL, description text, data text, is_component boolean NOT NULL,
  updated_at timestamp NOT NULL, endpoint_name text, tags text, mcp_enabled boolean, action_name text,
  action_description text, access_type text NOT NULL, revision int, folder_id uuid);
CREATE TABLE project_count (folder_id uuid PRIMARY KEY, n int NOT NULL, head timestamp);
CREATE TABLE total_count (n int NOT NULL);
-- flowgate:loaded
CREATE INDEX ON held (user_id) INCLUDE (role_id, scope, scope_id, ends);
CREATE INDEX ON held (team_id) INCLUDE (role_id, scope, scope_id, ends);
CREATE INDEX ON flow (updated_at DESC, id DESC) INCLUDE (folder_id);
CREATE INDEX ON flow (folder_id, updated_at DESC, id DESC);
VACUUM ANALYZE;

-- What decides for somebody: at each place all their live grants together, theirs and their teams'.
CREATE FUNCTION reach(who uuid, OUT is_admin boolean, OUT globally boolean, OUT shown_flows uuid[], OUT hidden_flows uuid[],
    OUT shown_projects uuid[], OUT hidden_projects uuid[]) LANGUAGE sql STABLE SECURITY DEFINER AS $$
  WITH mine AS MATERIALIZED (
    SELECT role_id, scope, scope_id, ends FROM held WHERE user_id = who
    UNION ALL SELECT h.role_id, h.scope, h.scope_id, h.ends FROM member m JOIN held h USING (team_id) WHERE m.user_id = who),
  decided AS MATERIALIZED (
    SELECT scope, scope_id, bool_or(r.reads) AS reads, bool_or(scope = 'Global' AND r.is_admin) AS is_admin
    FROM mine JOIN role r ON r.id = role_id
    WHERE ends IS NULL OR ends > now() AT TIME ZONE 'UTC' GROUP BY scope, scope_id)
  SELECT (SELECT p.is_superuser FROM person p WHERE p.id = who) OR coalesce(bool_or(is_admin), false),
    coalesce(bool_or(reads) FILTER (WHERE scope = 'Global'), false),
    coalesce(array_agg(scope_id) FILTER (WHERE scope = 'Flow' AND reads), '{}'),
    coalesce(array_agg(scope_id) FILTER (WHERE scope = 'Flow' AND NOT reads), '{}'),
    coalesce(array_agg(scope_id) FILTER (WHERE scope = 'Project' AND reads), '{}'),
    coalesce(array_agg(scope_id) FILTER (WHERE scope = 'Project' AND NOT reads), '{}') FROM decided $$;

CREATE FUNCTION header(f flow) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', f.id, 'name', f.name, 'folder_id', f.folder_id, 'is_component', f.is_component,
    'endpoint_name', f.endpoint_name, 'description', f.description,
    'data', CASE WHEN f.is_component THEN f.data::json END, 'access_type', f.access_type, 'tags', f.tags::json,
    'mcp_enabled', f.mcp_enabled, 'action_name', f.action_name, 'action_description', f.action_description,
    'etag', f.revision || '-' || f.updated_at) $$;

CREATE FUNCTION headers(ids uuid[]) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_agg(header(f) ORDER BY f.updated_at DESC, f.id DESC) FROM flow f WHERE f.id = ANY (ids) $$;
