/** The page that knows no callers. */
export const unfiltered = `SELECT f.id, f.name, f.description, f.icon, f.icon_bg_color, f.gradient, f.data, f.is_component,
  f.updated_at, f.webhook, f.endpoint_name, f.tags, f.locked, f.mcp_enabled, f.action_name, f.action_description,
  f.access_type, f.user_id, f.folder_id FROM flow f ORDER BY f.updated_at DESC, f.id DESC LIMIT 50`
