// The small world of the denial matrix, and how a case of the table is sent.
import type { Grant, World } from '../oracle.ts'
import { type Case, type Sent, shareId, type Target } from './cases.ts'
import type { Flowgate } from './flowgate.ts'
import { flowId, missingId, projectId, putWorld, teamId, userId } from './random-worlds.ts'
import { type Answer, call } from './world.ts'

/** Who knocks. `wrong` holds everything on the target but one thing that is needed. */
export const people = ['right', 'wrong', 'elsewhere', 'none', 'inactive', 'root', 'admin'] as const
export type Person = (typeof people)[number]
export const idOf = (person: Person) => userId(people.indexOf(person))

/** A flow and a project that those who knock own beside, to move things from and to. */
const ownFlow = 2
const ownProject = 2

const everything = ['Create', 'Read', 'Update', 'Delete'].flatMap((permission) => [
  `${permission} Flow`,
  `${permission} Project`,
])
const hex = (id: string) => id.replaceAll('-', '')
const keyId = missingId.replaceAll('f', 'e')

/** Puts the world into the database; gives the ids of what the request may be about. */
export async function putMatrix(gate: Flowgate, { needs, also = [] }: Case, withheld?: string) {
  const needed = Array.isArray(needs) ? needs : []
  const scope = needed[0]?.endsWith('Project') ? 'Project' : 'Flow'
  const target = scope === 'Project' ? projectId(0) : flowId(0)
  const grant = (person: Person, role: string, scope: Grant['scope'], target: string | null) => ({
    user: idOf(person),
    role,
    scope,
    target,
    ends: 'never' as const,
  })
  const flow = (n: number, project: string | null) => ({
    id: flowId(n),
    project,
    owner: null,
    updated: '2026-01-01 00:00:00.000000',
  })
  const world: World = {
    users: people.map((person) => ({
      id: idOf(person),
      superuser: person === 'root',
      active: person !== 'inactive',
    })),
    projects: [0, 1, ownProject].map((n) => ({
      id: projectId(n),
      name: `Project ${n}`,
      owner: null,
    })),
    flows: [
      flow(0, scope === 'Project' ? projectId(0) : null),
      flow(1, projectId(1)),
      flow(ownFlow, null),
    ],
    roles: {
      'Custom 0': [...needed, ...also],
      'Custom 1': everything.filter((permission) => permission !== withheld),
    },
    grants: [
      grant('right', 'Custom 0', scope, target),
      grant('inactive', 'Custom 0', scope, target),
      ...(withheld ? [grant('wrong', 'Custom 1', scope, target)] : []),
      grant('elsewhere', 'Owner', 'Flow', flowId(1)),
      grant('elsewhere', 'Admin', 'Project', projectId(1)),
      grant('admin', 'Admin', 'Global', null),
      ...(['right', 'wrong', 'elsewhere', 'none'] as const).flatMap((person) => [
        grant(person, 'Owner', 'Flow', flowId(ownFlow)),
        grant(person, 'Owner', 'Project', projectId(ownProject)),
      ]),
    ],
    // Led by the one, with an admin of the house as its other member.
    teams: [{ id: teamId(0), members: [idOf('right'), idOf('admin')], grants: [] }],
  }
  await putWorld(gate.db, world, [
    {
      sql: `INSERT INTO apikey (id, name, api_key, user_id, created_at, total_uses, is_active)
        VALUES (?, 'of right', 'never used', ?, '2026-01-01 00:00:00.000000', 0, 1)`,
      args: [hex(keyId), hex(idOf('right'))],
    },
    {
      sql: `UPDATE flowgate_team_member SET role = 'admin' WHERE user_id = ?`,
      args: [hex(idOf('right'))],
    },
    {
      sql: 'UPDATE userroleassignment SET id = ? WHERE user_id = ?',
      args: [hex(shareId), hex(idOf('inactive'))],
    },
  ])
  const { rows } = await gate.db.execute(
    `SELECT id FROM userroleassignment WHERE scope_type = 'Project' AND role_id = (SELECT id FROM role WHERE name = 'Admin')`,
  )
  const ids: Record<Target, string> = {
    Flow: flowId(0),
    Project: projectId(0),
    Grant: String(rows[0]?.id),
    Role: 'dddddddd-0000-4000-8000-000000000000',
    User: idOf('right'),
    Key: keyId,
    Session: idOf('right'),
    Team: teamId(0),
  }
  return ids
}

/** Sends what the case says about this id, as whoever the headers say. */
export async function sendCase(
  gate: Flowgate,
  route: string,
  { send }: Case,
  id: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [method = '', pattern = ''] = route.split(' ')
  const { query = '', at = id, body, file, form, ...sent }: Sent = send?.(id) ?? {}
  const path = (sent.path ?? pattern.replace(/:\w+/g, at)) + query
  if (form !== undefined) return sendText(gate, method, path, form, { ...headers, ...FORM })
  if (file === undefined) return call(gate, method, path, body, headers)
  return sendFile(gate, method, path, file, headers)
}

/** Sends the file as an upload of JSON. */
export function sendFile(
  gate: Flowgate,
  method: string,
  path: string,
  file: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const boundary = 'the-boundary'
  const part = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.json"\r\n\r\n${JSON.stringify(file)}\r\n--${boundary}--\r\n`
  const type = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  return sendText(gate, method, path, part, { ...headers, ...type })
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A body as it is. */
export async function sendText(
  gate: Flowgate,
  method: string,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await gate.fetch(path, { method, headers, body })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  }
}
