// What LangBuilder's front end asked of a server in five walks through it, recorded off the wire: each kind of request
// with who sent it. Ids are `:id`.
export const walkers = ['admin', 'eddy', 'vera', 'nils'] as const
export type Walker = (typeof walkers)[number]

const everybody: readonly Walker[] = walkers
const members: readonly Walker[] = ['admin', 'eddy', 'vera']
const admin: readonly Walker[] = ['admin']

/** `anonymous`: asked without a token, before or after signing in. */
export type Kind = { request: string; by: readonly Walker[]; anonymous: boolean }
const asked = (by: readonly Walker[], ...requests: string[]): Kind[] =>
  requests.map((request) => ({ request, by, anonymous: false }))
const openly = (by: readonly Walker[], ...requests: string[]): Kind[] =>
  asked(by, ...requests).map((kind) => ({ ...kind, anonymous: true }))

export const kinds: Kind[] = [
  ...openly(
    everybody,
    'GET /api/v1/flows/basic_examples/',
    'GET /api/v1/auto_login',
    'GET /health_check',
    'GET /api/v1/version',
    'GET /api/v1/store/tags',
    'GET /api/v1/config',
    'POST /api/v1/login',
    'GET /api/v1/files/profile_pictures/Space/046-rocket.svg',
  ),
  ...asked(
    everybody,
    'GET /api/v1/users/whoami',
    'GET /api/v1/projects/',
    'GET /api/v1/flows/?get_all=true&header_flows=true',
    'GET /api/v1/variables/',
    'POST /api/v1/refresh',
    'GET /api/v1/flows/?components_only=true&get_all=true',
    'GET /api/v1/projects/:id?id=:id&page=1&size=12&is_component=false&is_flow=true&search=',
    'GET /api/v1/store/check/',
    'GET /api/v1/store/check/api_key',
    'GET /api/v1/rbac/check-permission?permission=Create&scope_type=Project&scope_id=:id',
    'GET /api/v1/rbac/check-permission?permission=Update&scope_type=Flow&scope_id=:id',
    'POST /api/v1/flows/',
    'GET /api/v1/all?force_refresh=true',
  ),
  ...asked(
    members,
    'GET /api/v1/rbac/check-permission?permission=Delete&scope_type=Flow&scope_id=:id',
    'PATCH /api/v1/flows/:id',
    'POST /api/v1/projects/',
    'PATCH /api/v1/projects/:id',
    'GET /api/v1/flows/:id',
    'DELETE /api/v1/flows/',
    'GET /api/v1/projects/download/:id',
    'DELETE /api/v1/projects/:id',
    'GET /api/v2/files',
    'GET /api/v1/api_key/',
    'POST /api/v1/api_key/',
    'GET /api/v1/files/profile_pictures/list',
    'GET /api/v1/monitor/messages',
    'GET /api/v2/mcp/servers?action_count=false',
  ),
  ...asked(['admin', 'eddy'], 'GET /api/v1/monitor/builds?flow_id=:id'),
  ...asked(
    admin,
    'GET /api/v1/users/?skip=0&limit=12',
    'POST /api/v1/users/',
    'PATCH /api/v1/users/:id',
    'GET /api/v1/rbac/assignments',
    'GET /api/v1/rbac/assignments?username=vera',
    'GET /api/v1/rbac/assignments?role_name=Viewer',
    'GET /api/v1/users',
    'GET /api/v1/users/',
    'GET /api/v1/folders',
    'POST /api/v1/rbac/assignments',
    'GET /api/v1/rbac/assignments/:id',
    'PATCH /api/v1/rbac/assignments/:id',
    'DELETE /api/v1/rbac/assignments/:id',
    'DELETE /api/v1/users/:id',
    'GET /api/v1/projects/:id?id=:id&page=1&size=12&is_component=false&is_flow=false&search=',
    'GET /api/v1/mcp/project/:id?mcp_enabled=false',
    'GET /api/v1/mcp/project/:id/installed',
    'GET /api/v1/rbac/assignments?username=nils',
  ),
  ...openly(['eddy'], 'POST /api/v1/logout'),
]
