// The denial matrix: every route of the app against everybody who may not, about ids that are missing,
// hidden and visible. A route without a case fails.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Case, cases } from './support/cases.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { idOf, type Person, putMatrix, sendCase } from './support/matrix.ts'
import { paperProvider } from './support/paper-provider.ts'
import { missingId } from './support/random-worlds.ts'
import { listRoutes, statusOfNobody } from './support/routes.ts'
import { mintToken } from './support/tokens.ts'
import { type Answer, signIn } from './support/world.ts'

let gate: Flowgate
beforeAll(async () => {
  gate = await startFlowgate({ direct: true, bindings: paperProvider })
  await signIn(gate)
})
afterAll(() => gate.stop())

const table = Object.entries(cases).flatMap(([route, some]) =>
  [some].flat().map((one, n) => ({ name: n > 0 ? `${route} (${n + 1})` : route, route, one })),
)

test('every route of the app has a case, and every case a route', () => {
  expect(listRoutes().filter((route) => !(route in cases))).toEqual([])
  expect(Object.keys(cases).filter((route) => !listRoutes().includes(route))).toEqual([])
})

describe.each(table.filter(({ one }) => one.needs !== 'nothing'))('$name', ({ route, one }) => {
  const needed = Array.isArray(one.needs) ? one.needs : []
  const send = (id: string, headers: Record<string, string>) =>
    sendCase(gate, route, one, id, headers)

  test('refuses whoever has not proved who they are, whatever the id', async () => {
    const ids = await putMatrix(gate, one)
    for (const [credential, headers, status] of await strangers(statusOfNobody(route))) {
      const [about, nothing] = [
        await send(idFor(one, ids), headers),
        await send(missingId, headers),
      ]
      expect(about.status, credential).toBe(status)
      expect(visible(nothing), credential).toEqual(visible(about))
      if (status === 401) expect(about.headers.get('www-authenticate')).toBe('Bearer')
    }
  })

  test('lets through who may, in every way that grants it', async () => {
    for (const person of entitled(one)) {
      const ids = await putMatrix(gate, one)
      const answer = await send(idFor(one, ids), await as(person))
      const success = one.granted ? [one.granted] : [200, 201, 204]
      expect(success, `${person}: ${answer.status} ${JSON.stringify(answer.body)}`).toContain(
        answer.status,
      )
    }
  })

  if (one.needs === 'caller') return

  test('refuses the others without a trace, and hidden looks like missing', async () => {
    const ids = await putMatrix(gate, one, needed[0])
    const before = await readAll()
    for (const person of ['none', 'elsewhere', ...(needed[0] ? [] : ['wrong'])] as Person[]) {
      const hidden = await send(idFor(one, ids), await as(person))
      expect(hidden.status, person).toBe(one.refused ?? 403)
      expect(visible(await send(missingId, await as(person))), person).toEqual(
        replaced(visible(hidden), idFor(one, ids)),
      )
    }
    expect(await readAll()).toEqual(before)
  })

  const isWrite = !route.startsWith('GET ') && needed.length > 0
  if (isWrite && !needed.some((need) => need.startsWith('Read')))
    test('shows nothing of it to who may write and not read', async () => {
      const ids = await putMatrix(gate, one)
      const { status, body } = await send(idFor(one, ids), await as('right'))
      for (const name of ['Project 0', ids.Flow.replaceAll('-', '')])
        expect(JSON.stringify(body)).not.toContain(name)
      if (isInPath(route, one)) expect([status, body]).toEqual([204, ''])
    })

  test.each(needed)('refuses who holds everything but %s', async (withheld) => {
    const ids = await putMatrix(gate, one, withheld)
    const before = await readAll()
    const { status } = await send(idFor(one, ids), await as('wrong'))
    expect(status).toBe(one.refused ?? 403)
    expect(await readAll()).toEqual(before)
  })
})

const isInPath = (route: string, { send }: Case) =>
  route.includes('/:') && send?.(missingId).at === undefined

const as = async (person: Person) => ({
  authorization: `Bearer ${await mintToken(idOf(person))}`,
})

async function strangers(nobody: number): Promise<[string, Record<string, string>, number][]> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const right = idOf('right')
  return [
    ['nothing', {}, nobody],
    ['an unknown API key', { 'x-api-key': 'sk-unknown' }, nobody],
    ['no token', bearer('nonsense'), 401],
    ['a token of another key', bearer(await mintToken(right, {}, 'k'.repeat(40))), 401],
    ['a token that is over', bearer(await mintToken(right, { exp: 1 })), 401],
    ['a refresh token', bearer(await mintToken(right, { type: 'refresh' })), 401],
    ['a token of nobody', bearer(await mintToken(missingId)), 401],
    ['a token of a deactivated user', bearer(await mintToken(idOf('inactive'))), 401],
  ]
}

function entitled({ needs }: Case): Person[] {
  if (Array.isArray(needs)) return ['right', 'root', 'admin']
  if (needs === 'admin') return ['root', 'admin']
  if (needs === 'superuser') return ['root']
  return needs === 'self' ? ['right'] : ['none', 'right', 'elsewhere', 'root']
}

const idFor = ({ on }: Case, ids: Awaited<ReturnType<typeof putMatrix>>) =>
  on ? ids[on] : missingId

/** All that a caller sees of an answer, without what differs each time. */
function visible({ status, headers, body }: Answer) {
  const seen = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  const { request_id, ...rest } = typeof body === 'object' && body ? body : { request_id: '', body }
  return { status, headers: Object.fromEntries(seen), body: rest }
}

/** A refusal may repeat the id that was sent. */
const replaced = <T>(seen: T, id: string): T =>
  JSON.parse(JSON.stringify(seen).replaceAll(id, missingId))

/** Everything that a refused write must leave alone. */
async function readAll() {
  const tables = [
    'user',
    'folder',
    'flow',
    'apikey',
    'flowgate_session',
    'role',
    'userroleassignment',
    'flowgate_team',
    'flowgate_team_member',
    'flowgate_team_grant',
    'flowgate_audit',
  ]
  const all = await gate.db.batch(
    // That somebody is refused again and again is not of this request.
    tables.map((table) =>
      table === 'flowgate_audit'
        ? `SELECT * FROM ${table} WHERE action <> 'user.refused'`
        : `SELECT * FROM ${table}`,
    ),
  )
  return all.map(({ rows }) => JSON.stringify(rows))
}
