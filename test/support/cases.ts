// What each route is about and who may call it: the table behind the denial matrix and the fuzzing. A
// route that is missing here fails both.
import { PAPER } from './paper-provider.ts'
import { flowId, projectId, userId } from './random-worlds.ts'

export type Target = 'Flow' | 'Project' | 'Grant' | 'Role' | 'User' | 'Key' | 'Session' | 'Team'
export type Need = `${'Create' | 'Read' | 'Update' | 'Delete'} ${'Flow' | 'Project'}`

/** What to send; `at` is the id in the path where it is not the one that the case is about. */
export type Sent = {
  at?: string
  /** The whole path, where it has more ids than one. */
  path?: string
  query?: string
  body?: unknown
  file?: unknown
  form?: string
}

export type Case = {
  /** Who gets through: everybody, any active user, only admins, or whoever holds all of these on the target. */
  needs: 'nothing' | 'caller' | 'superuser' | 'admin' | 'self' | Need[]
  /** What else an entitled role must hold for the request to succeed. */
  also?: Need[]
  /** What the id in the request is the id of. */
  on?: Target
  send?: (id: string) => Sent
  /** How refusal looks, where it is not 403. */
  refused?: number
  /** How success looks, where it is not 200, 201 or 204. */
  granted?: number
}

/** What moving a flow, or making it public, takes: it is handed on. */
const everything: Need[] = ['Create Flow', 'Read Flow', 'Update Flow', 'Delete Flow']

/** A grant on what the case is about, of somebody who is not active. */
export const shareId = '88888888-0000-4000-8000-000000000000'

const sharing = (on: 'Flow' | 'Project', path: string, needs: Need[]): Record<string, Case> => {
  const at = (id: string) => `${path.replace(/:\w+/, id)}/shares/${shareId}`
  return {
    [`GET ${path}/shares`]: { needs, on },
    [`POST ${path}/shares`]: { needs, on, send: body({ user_id: userId(3), role: 'Custom 0' }) },
    [`PATCH ${path}/shares/:share_id`]: {
      needs,
      on,
      send: (id) => ({ path: at(id), body: { expires_at: '2999-01-01' } }),
    },
    [`DELETE ${path}/shares/:share_id`]: { needs, on, send: (id) => ({ path: at(id) }) },
  }
}

function body(body: unknown) {
  return () => ({ body })
}
const flow = { name: 'made by a case' }
/** What a user may do: of a search, what it looks for is left out. */
const asking = (id: string) => ({
  body: {
    subject: { type: 'user', id },
    action: { name: 'Read' },
    resource: { type: 'flow', id: flowId(0) },
  },
})
const graph = { nodes: [], edges: [] }

export const cases: Record<string, Case | Case[]> = {
  'GET /health': { needs: 'nothing' },
  'GET /health/ready': { needs: 'nothing' },
  'GET /openapi.json': { needs: 'nothing' },
  'GET /docs': { needs: 'nothing' },
  'GET /.well-known/authzen-configuration': { needs: 'nothing' },

  'POST /access/v1/evaluation': { needs: 'admin', on: 'User', send: asking },
  'POST /access/v1/evaluations': {
    needs: 'admin',
    on: 'User',
    send: (id) => ({ body: { evaluations: [asking(id).body] } }),
  },
  'POST /access/v1/search/subject': { needs: 'admin', on: 'User', send: asking },
  'POST /access/v1/search/resource': { needs: 'admin', on: 'User', send: asking },
  'POST /access/v1/search/action': { needs: 'admin', on: 'User', send: asking },

  // Where there is no directory its addresses are not there; where there is one: test/scim-walls.test.ts.
  'GET /scim/v2/ServiceProviderConfig': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/ResourceTypes': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/ResourceTypes/:id': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/Schemas': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/Schemas/:id': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/Users': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/Users/:id': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/Groups': { needs: 'nothing', granted: 404 },
  'GET /scim/v2/Groups/:id': { needs: 'nothing', granted: 404 },
  'POST /scim/v2/Users': { needs: 'nothing', granted: 404 },
  'PUT /scim/v2/Users/:id': { needs: 'nothing', granted: 404 },
  'PATCH /scim/v2/Users/:id': { needs: 'nothing', granted: 404 },
  'DELETE /scim/v2/Users/:id': { needs: 'nothing', granted: 404 },
  'POST /scim/v2/Groups': { needs: 'nothing', granted: 404 },
  'PUT /scim/v2/Groups/:id': { needs: 'nothing', granted: 404 },
  'PATCH /scim/v2/Groups/:id': { needs: 'nothing', granted: 404 },
  'DELETE /scim/v2/Groups/:id': { needs: 'nothing', granted: 404 },

  'GET /health_check': { needs: 'nothing' },
  'GET /api/v1/config': { needs: 'nothing' },
  'GET /api/v1/version': { needs: 'nothing' },
  'GET /api/v1/store/check/': { needs: 'nothing' },
  'GET /api/v1/store/check/api_key': { needs: 'caller' },
  'GET /api/v1/store/tags': { needs: 'nothing' },
  'GET /api/v1/variables/': { needs: 'caller' },
  'GET /api/v1/files/profile_pictures/list': { needs: 'nothing' },
  'GET /api/v1/files/profile_pictures/:folder/:name': { needs: 'nothing' },

  'POST /api/v1/login': {
    needs: 'nothing',
    send: () => ({ form: 'username=nobody&password=wrong' }),
    granted: 401,
  },
  'GET /api/v1/auto_login': { needs: 'nothing', granted: 400 },
  'GET /api/v1/auth/access/start': { needs: 'nothing', granted: 404 },
  'POST /api/v1/refresh': { needs: 'nothing', granted: 401 },
  'POST /api/v1/logout': { needs: 'nothing' },

  'POST /api/v1/users/': {
    needs: 'nothing',
    send: body({ username: 'random newcomer', password: 'x'.repeat(12) }),
  },
  'GET /api/v1/users/whoami': { needs: 'caller' },
  // Everybody in the matrix owns something.
  'GET /api/v1/users/search': { needs: 'caller', send: () => ({ query: '?q=random' }) },
  'GET /api/v1/users/': { needs: 'superuser' },
  'PATCH /api/v1/users/:user_id': {
    needs: 'self',
    on: 'User',
    send: body({ profile_image: 'robot' }),
  },
  'PATCH /api/v1/users/:user_id/reset-password': {
    needs: 'self',
    on: 'User',
    send: body({ password: 'a new password' }),
    refused: 400,
  },
  'DELETE /api/v1/users/:user_id': { needs: 'superuser', on: 'User' },

  'GET /api/v1/sessions': { needs: 'caller' },
  'DELETE /api/v1/sessions': { needs: 'caller' },
  'DELETE /api/v1/sessions/:session_id': { needs: 'self', on: 'Session', refused: 404 },

  'GET /api/v1/auth/providers': { needs: 'nothing' },
  'GET /api/v1/auth/:provider_id/start': {
    needs: 'nothing',
    send: () => ({ path: `/api/v1/auth/${PAPER}/start` }),
    granted: 302,
  },
  'GET /api/v1/auth/:provider_id/callback': {
    needs: 'nothing',
    send: () => ({ path: `/api/v1/auth/${PAPER}/callback` }),
    granted: 400,
  },
  'POST /api/v1/auth/:provider_id/bind': {
    needs: 'caller',
    send: () => ({ path: `/api/v1/auth/${PAPER}/bind` }),
  },
  'GET /api/v1/bindings': [
    { needs: 'caller' },
    { needs: 'self', on: 'User', send: (id) => ({ query: `?user_id=${id}` }) },
  ],
  'POST /api/v1/bindings': {
    needs: 'superuser',
    on: 'User',
    send: (user_id) => ({ body: { user_id, provider: PAPER, subject: crypto.randomUUID() } }),
  },
  'DELETE /api/v1/bindings': {
    needs: 'self',
    on: 'User',
    send: (id) => ({ query: `?user_id=${id}&issuer=https://id.test&subject=nobody` }),
    granted: 404,
  },

  'GET /api/v1/api_key/': { needs: 'caller' },
  'POST /api/v1/api_key/': { needs: 'caller', send: body({ name: 'mine' }) },
  'POST /api/v1/api_key/store': { needs: 'caller', send: body({ api_key: 'a store key' }) },
  'DELETE /api/v1/api_key/:api_key_id': { needs: 'self', on: 'Key', refused: 400 },

  'GET /api/v1/projects/': { needs: 'caller' },
  'GET /api/v1/projects/:project_id': { needs: ['Read Project'], on: 'Project' },
  'GET /api/v1/projects/download/:project_id': {
    needs: ['Read Project'],
    also: ['Read Flow'],
    on: 'Project',
  },
  'POST /api/v1/projects/': [
    { needs: 'caller', send: body({ name: 'made by a case' }) },
    {
      needs: everything,
      on: 'Flow',
      send: (id) => ({ body: { name: 'x', flows_list: [id] } }),
    },
  ],
  'POST /api/v1/projects/upload/': {
    needs: 'caller',
    send: () => ({ file: { folder_name: 'from a file', flows: [flow] } }),
  },
  'PATCH /api/v1/projects/:project_id': [
    { needs: ['Update Project'], on: 'Project', send: body({ description: 'new' }) },
    {
      needs: everything,
      on: 'Flow',
      send: (id) => ({ at: projectId(2), body: { flows: [id] } }),
    },
    {
      needs: ['Update Project'],
      on: 'Project',
      send: (parent_id) => ({ at: projectId(2), body: { parent_id } }),
    },
  ],
  'DELETE /api/v1/projects/:project_id': {
    needs: ['Delete Project'],
    also: ['Delete Flow'],
    on: 'Project',
  },

  'GET /api/v1/flows/': [
    { needs: 'caller' },
    { needs: 'caller', send: () => ({ query: '?get_all=false' }) },
    { needs: 'admin', on: 'User', send: (id) => ({ query: `?paged=all&as=${id}` }) },
  ],
  'GET /api/v1/flows/:flow_id': { needs: ['Read Flow'], on: 'Flow' },
  'POST /api/v1/flows/': [
    { needs: 'caller', send: body({ ...flow, data: graph }) },
    {
      needs: ['Create Project'],
      on: 'Project',
      send: (folder_id) => ({ body: { ...flow, folder_id } }),
    },
  ],
  'POST /api/v1/flows/batch/': [
    { needs: 'caller', send: body({ flows: [flow, flow] }) },
    {
      needs: ['Create Project'],
      on: 'Project',
      send: (folder_id) => ({ body: { flows: [{ ...flow, folder_id }] } }),
    },
  ],
  'POST /api/v1/flows/upload/': [
    { needs: 'caller', send: () => ({ file: flow }) },
    {
      needs: ['Create Project', 'Update Project'],
      on: 'Project',
      send: (id) => ({ query: `?folder_id=${id}`, file: flow }),
    },
  ],
  'POST /api/v1/flows/download/': {
    needs: ['Read Flow'],
    on: 'Flow',
    send: (id) => ({ body: [id] }),
    refused: 404,
  },
  'PATCH /api/v1/flows/:flow_id': [
    { needs: ['Update Flow'], on: 'Flow', send: body({ name: 'new' }) },
    { needs: everything, on: 'Flow', send: body({ folder_id: projectId(2) }) },
    { needs: everything, on: 'Flow', send: body({ access_type: 'PUBLIC' }) },
    {
      needs: ['Create Project'],
      on: 'Project',
      send: (folder_id) => ({ at: flowId(2), body: { folder_id } }),
    },
  ],
  'DELETE /api/v1/flows/:flow_id': { needs: ['Delete Flow'], on: 'Flow' },
  'DELETE /api/v1/flows/': {
    needs: ['Delete Flow'],
    on: 'Flow',
    send: (id) => ({ body: [id] }),
    refused: 200,
  },
  'GET /api/v1/flows/public_flow/:flow_id': { needs: 'nothing', on: 'Flow', granted: 403 },
  'GET /api/v1/flows/basic_examples/': { needs: 'nothing' },

  'GET /api/v1/rbac/roles': { needs: 'admin' },
  'GET /api/v1/rbac/assignments': { needs: 'admin' },
  'POST /api/v1/rbac/assignments': {
    needs: 'admin',
    on: 'Project',
    send: (scope_id) => ({
      body: { user_id: userId(3), role_name: 'Viewer', scope_type: 'Project', scope_id },
    }),
  },
  'GET /api/v1/rbac/assignments/:assignment_id': { needs: 'admin', on: 'Grant' },
  'PATCH /api/v1/rbac/assignments/:assignment_id': {
    needs: 'admin',
    on: 'Grant',
    send: body({ role_name: 'Viewer' }),
  },
  'DELETE /api/v1/rbac/assignments/:assignment_id': { needs: 'admin', on: 'Grant' },

  'POST /api/v1/rbac/roles': { needs: 'admin', send: body({ name: 'random', permissions: [] }) },
  'GET /api/v1/rbac/roles/:role_id': { needs: 'admin', on: 'Role' },
  'PATCH /api/v1/rbac/roles/:role_id': {
    needs: 'admin',
    on: 'Role',
    send: body({ permissions: ['Flow:Read'] }),
  },
  'DELETE /api/v1/rbac/roles/:role_id': { needs: 'admin', on: 'Role', granted: 409 },
  'GET /api/v1/rbac/check-permission': {
    needs: 'caller',
    send: () => ({ query: '?permission=Read&scope_type=Flow' }),
  },
  'POST /api/v1/rbac/check-permissions': {
    needs: 'caller',
    send: body({ checks: [{ action: 'Read', resource_type: 'Flow' }] }),
  },
  'GET /api/v1/rbac/explain': [
    {
      needs: 'caller',
      send: () => ({ query: `?permission=Read&scope_type=Flow&scope_id=${flowId(0)}` }),
    },
    {
      needs: 'admin',
      on: 'User',
      send: (id) => ({
        query: `?user_id=${id}&permission=Read&scope_type=Flow&scope_id=${flowId(0)}`,
      }),
    },
  ],
  'GET /api/v1/rbac/access': {
    needs: 'admin',
    on: 'Flow',
    send: (id) => ({ query: `?scope_type=Flow&scope_id=${id}` }),
  },
  'GET /api/v1/audit': { needs: 'admin' },

  ...sharing('Flow', '/api/v1/flows/:flow_id', everything),
  ...sharing('Project', '/api/v1/projects/:project_id', [
    'Create Project',
    'Read Project',
    'Update Project',
    'Delete Project',
  ]),
  'GET /api/v1/me/shared': { needs: 'caller' },
  'GET /api/v1/me/granted': { needs: 'caller' },

  'GET /api/v1/teams/': { needs: 'caller' },
  'POST /api/v1/teams/': { needs: 'admin', send: body({ name: 'made by a case' }) },
  'GET /api/v1/teams/:team_id': { needs: 'self', on: 'Team' },
  'PATCH /api/v1/teams/:team_id': {
    needs: 'self',
    on: 'Team',
    send: body({ description: 'new' }),
  },
  'DELETE /api/v1/teams/:team_id': { needs: 'self', on: 'Team' },
  'GET /api/v1/teams/:team_id/members': { needs: 'self', on: 'Team' },
  'POST /api/v1/teams/:team_id/members': {
    needs: 'self',
    on: 'Team',
    send: body({ user_id: userId(3) }),
  },
  'PATCH /api/v1/teams/:team_id/members/:user_id': {
    needs: 'self',
    on: 'Team',
    send: (id) => ({ path: `/api/v1/teams/${id}/members/${userId(6)}`, body: { role: 'admin' } }),
  },
  'DELETE /api/v1/teams/:team_id/members/:user_id': {
    needs: 'self',
    on: 'Team',
    send: (id) => ({ path: `/api/v1/teams/${id}/members/${userId(6)}` }),
  },
}
