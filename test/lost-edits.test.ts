// Two people editing one flow: whoever says which writing of it they know overwrites nobody, and whoever does not
// writes last, as the contract has it. Two isolates, over HTTP.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sendFiles } from './support/files.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import {
  type Answer,
  type Api,
  call,
  createFlow,
  createProject,
  createUser,
  expectStatus,
  grant,
  MERGE_PATCH,
  signIn,
} from './support/world.ts'

let gate: Flowgate
let root: Api
let ann: Api
let bob: Api
let users = 0
beforeAll(async () => {
  gate = await startFlowgate({ isolates: 2 })
  root = await signIn(gate)
  const permissions = ['Flow:Update', 'Flow:Delete']
  await expectStatus(201, root.post('/api/v1/rbac/roles', { name: 'Blind', permissions }))
})
afterAll(() => gate.stop())
beforeEach(async () => {
  ann = await createUser(gate, root, `ann-${++users}`)
  bob = await createUser(gate, root, `bob-${users}`)
})

const MISSING = '00000000-0000-4000-8000-000000000000'
const hex = (id: string) => id.replaceAll('-', '')
const tagOf = ({ headers }: Answer) => headers.get('etag')

type Sent = { body?: unknown; isolate?: number; on?: Flowgate; headers?: Record<string, string> }

/** A request about one flow, with the tag that its sender knows. */
function send(api: Api, method: string, flow: string, match?: string | null, sent: Sent = {}) {
  const { body, isolate = 0, on = gate, headers } = sent
  const known = typeof match === 'string' ? { 'if-match': match } : {}
  const all = { authorization: `Bearer ${api.token}`, ...known, ...headers }
  const via = { ...on, fetch: (p, i) => on.fetch(p, i, isolate) } as Flowgate
  return call(via, method, `/api/v1/flows/${flow}`, body, all)
}
const patch = (api: Api, flow: string, body: unknown, match?: string | null) =>
  send(api, 'PATCH', flow, match, { body })
const read = (api: Api, flow: string) => expectStatus(200, api.get(`/api/v1/flows/${flow}`))
const revisionOf = async (flow: string) => {
  const { rows } = await gate.db.execute({
    sql: 'SELECT coalesce(revision, 0) AS n FROM flow WHERE id = ?',
    args: [hex(flow)],
  })
  return Number(rows[0]?.n)
}

const WRITERS = 8
const EDITS = 5

/** Each of the writers adds words of their own to the description, one at a time. */
const everybody = (write: (words: string, isolate: number) => Promise<void>) =>
  Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let edit = 0; edit < EDITS; edit++) await write(`${writer}.${edit}`, writer % 2)
    }),
  )

test('8 writers who say what they know lose no edit, and each success is one revision', async () => {
  const flow = await createFlow(ann, 'shared', undefined, { description: '' })
  const before = await revisionOf(flow)
  let tooLate = 0
  let done = 0
  await everybody(async (words, isolate) => {
    for (;;) {
      const known = await send(ann, 'GET', flow, null, { isolate })
      const body = { description: `${known.body.description} ${words}` }
      const { status, headers } = await send(ann, 'PATCH', flow, tagOf(known), { body, isolate })
      if (status === 200) {
        done++
        return
      }
      expect(status).toBe(412)
      expect(headers.get('etag')).not.toBe(tagOf(known))
      tooLate++
    }
  })
  const { body } = await read(ann, flow)
  const written = body.description.trim().split(' ')
  expect(written.length).toBe(WRITERS * EDITS)
  expect(new Set(written).size).toBe(WRITERS * EDITS)
  expect(done).toBe(WRITERS * EDITS)
  expect((await revisionOf(flow)) - before).toBe(done)
  expect(tooLate).toBeGreaterThan(0)
})

test('8 writers who say nothing are all taken, and one of them is the last', async () => {
  const flow = await createFlow(ann, 'shared', undefined, { description: '' })
  const before = await revisionOf(flow)
  const tags = new Set<string | null>()
  await everybody(async (words, isolate) => {
    const answer = await send(ann, 'PATCH', flow, null, { body: { description: words }, isolate })
    expect([answer.status, answer.body.description]).toEqual([200, words])
    tags.add(tagOf(answer))
  })
  const { body } = await read(ann, flow)
  expect(body.description).toMatch(new RegExp(`^\\d\\.${EDITS - 1}$`))
  expect(tags.size).toBe(WRITERS * EDITS)
  expect((await revisionOf(flow)) - before).toBe(WRITERS * EDITS)
})

test('of 8 who delete what they know one is done; of one who deletes an older flow nothing is', async () => {
  const flow = await createFlow(ann, 'going')
  const old = tagOf(await read(ann, flow))
  await expectStatus(200, patch(ann, flow, { description: 'newer' }))
  const refused = await send(ann, 'DELETE', flow, old)
  const current = tagOf(await read(ann, flow))
  expect([refused.status, refused.body.code, tagOf(refused)]).toEqual([
    412,
    'precondition_failed',
    current,
  ])
  const { rows } = await gate.db.execute({
    sql: "SELECT (SELECT count(*) FROM userroleassignment WHERE scope_id = ?1) AS grants, (SELECT count(*) FROM flowgate_audit WHERE action = 'flow.delete' AND target_id = ?1) AS told",
    args: [hex(flow)],
  })
  expect(rows[0]).toMatchObject({ grants: 1, told: 0 })
  const answers = await Promise.all(
    Array.from({ length: WRITERS }, (_, n) =>
      send(root, 'DELETE', flow, current, { isolate: n % 2 }),
    ),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(7).fill(404)])
})

test('a flow says the same ETag wherever it is shown, and another one after every change', async () => {
  const project = await createProject(ann, 'place')
  const other = await createProject(ann, 'other')
  const made = await expectStatus(
    201,
    ann.post('/api/v1/flows/', { name: 'one', folder_id: project }),
  )
  const flow = made.body.id
  const seen: (string | null)[] = []
  const shown = async () => {
    const single = await read(ann, flow)
    const expected = single.body.etag
    expect(expected).toMatch(/^"[!#-~]+"$/)
    expect(tagOf(single)).toBe(expected)
    const head = await gate.fetch(`/api/v1/flows/${flow}`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${ann.token}` },
    })
    expect([head.status, head.headers.get('etag')]).toEqual([200, expected])
    const folder = single.body.folder_id
    for (const [form, itemsOf] of lists(folder)) {
      const { body } = await expectStatus(200, ann.get(form))
      const item = itemsOf(body).find(({ id }: { id: string }) => id === flow)
      expect([form, item?.etag]).toEqual([form, expected])
    }
    expect(seen).not.toContain(expected)
    seen.push(expected)
  }
  await shown()
  expect([tagOf(made), made.body.etag]).toEqual([seen[0], seen[0]])
  // Each way in which a row is written.
  const changed = await expectStatus(200, patch(ann, flow, { description: 'new' }))
  await shown()
  expect([tagOf(changed), changed.body.etag]).toEqual([seen[1], seen[1]])
  await expectStatus(200, patch(ann, flow, {}))
  await shown()
  await expectStatus(200, ann.patch(`/api/v1/projects/${other}`, { flows: [flow] }))
  await shown()
  await expectStatus(200, ann.patch(`/api/v1/projects/${other}`, { flows: [] }))
  await shown()
  // As LangBuilder writes it, which knows of no revisions.
  await gate.db.execute({
    sql: `UPDATE flow SET name = 'theirs', updated_at = '2031-01-01 00:00:00.000001' WHERE id = ?`,
    args: [hex(flow)],
  })
  await shown()
  await gate.db.execute({
    sql: `UPDATE flow SET name = 'again', updated_at = '2031-01-01 00:00:00.000002' WHERE id = ?`,
    args: [hex(flow)],
  })
  await shown()
  await grant(root, bob, 'Owner', 'Flow', flow)
  await expectStatus(200, root.delete(`/api/v1/users/${ann.userId}`))
  expect(seen).not.toContain((await read(bob, flow)).body.etag)
  const many = await expectStatus(
    201,
    bob.post('/api/v1/flows/batch/', { flows: [{ name: 'a' }, { name: 'b' }] }),
  )
  const files = [{ name: 'c.json', content: JSON.stringify({ name: 'c', data: null }) }]
  const uploaded = await sendFiles(gate, bob, '/api/v1/flows/upload/', files)
  expect(uploaded.status).toBe(201)
  for (const one of [...many.body, ...uploaded.body])
    expect((await read(bob, one.id)).body.etag).toBe(one.etag)
})

// biome-ignore lint/suspicious/noExplicitAny: bodies of several forms
type Items = (body: any) => { id: string; etag: string }[]
const lists = (folder: string): [string, Items][] => [
  ['/api/v1/flows/', (body) => body],
  ['/api/v1/flows/?header_flows=true', (body) => body],
  ['/api/v1/flows/?paged=all', (body) => body.items],
  ['/api/v1/flows/?paged=all&header_flows=true&order=name', (body) => body.items],
  [`/api/v1/flows/?get_all=false&folder_id=${folder}`, (body) => body.items],
  [`/api/v1/projects/${folder}`, (body) => body.flows],
  [`/api/v1/projects/${folder}?page=1&size=50`, (body) => body.flows.items],
]

test('a file of a flow has no ETag, nor has what strangers see', async () => {
  const flow = await createFlow(ann, 'file', undefined, { access_type: 'PUBLIC' })
  const file = await expectStatus(200, ann.post('/api/v1/flows/download/', [flow]))
  const open = await gate.fetch(`/api/v1/flows/public_flow/${flow}`)
  for (const body of [file.body, await open.json()])
    expect(Object.keys(body as object)).not.toContain('etag')
})

test('whoever knows the flow is told that it is the same, if they may still read it', async () => {
  const flow = await createFlow(ann, 'known')
  const tag = String(tagOf(await read(ann, flow)))
  const ask = (api: Api, known: string, method = 'GET', query = '') =>
    call(gate, method, `/api/v1/flows/${flow}${query}`, undefined, {
      authorization: `Bearer ${api.token}`,
      'if-none-match': known,
    })
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*'])
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(ann, known, method)
      expect([known, method, answer.status, answer.body, tagOf(answer)]).toEqual([
        ...[known, method, 304, '', tag],
      ])
    }
  for (const known of ['"other"', 'nonsense', tag.slice(1, -1)])
    expect([known, (await ask(ann, known)).status]).toEqual([known, 200])
  // Their owner's name may change without the flow.
  expect((await ask(ann, tag, 'GET', '?include=owner')).status).toBe(200)
  expect((await ask(bob, tag)).status).toBe(403)
  const role = await grant(root, bob, 'Viewer', 'Flow', flow)
  expect((await ask(bob, tag)).status).toBe(304)
  await expectStatus(204, root.delete(`/api/v1/rbac/assignments/${role}`))
  expect((await ask(bob, tag)).status).toBe(403)
  await expectStatus(200, patch(ann, flow, { description: 'new' }))
  expect((await ask(ann, tag)).status).toBe(200)
})

test('If-Match is a list of ETags or all of them; what is malformed is refused and named', async () => {
  const flow = await createFlow(ann, 'asked')
  const current = async () => String((await read(ann, flow)).body.etag)
  const change = async (match: string) =>
    (await patch(ann, flow, { description: 'x' }, match)).status
  expect(await change(await current())).toBe(200)
  expect(await change(`"other",${await current()} , W/"third"`)).toBe(200)
  expect(await change('*')).toBe(200)
  // RFC 9110, 5.6.1.2: empty elements of a list are nothing.
  expect(await change(`"other", ,${await current()},`)).toBe(200)
  expect(await change(`, ${await current()}`)).toBe(200)
  for (const match of [
    '"other"',
    `W/${await current()}`,
    '""',
    `${(await current()).slice(0, -1)}9"`,
  ])
    expect([match, await change(match)]).toEqual([match, 412])
  for (const match of [
    (await current()).slice(1),
    (await current()).slice(1, -1),
    '"a" "b"',
    '*, "a"',
    ', ,',
    `"${'a'.repeat(1000)}"`,
  ])
    for (const method of ['PATCH', 'DELETE']) {
      const { status, body } = await send(ann, method, flow, match, {
        ...(method === 'PATCH' ? { body: { description: 'x' } } : {}),
      })
      expect([match, status, body.detail?.[0]?.loc]).toEqual([match, 422, ['header', 'If-Match']])
    }
  expect((await read(ann, flow)).body.name).toBe('asked')
})

test('a merge patch is judged by the same tag, before what comes of it', async () => {
  const flow = await createFlow(ann, 'merged', undefined, { data: { nodes: [], edges: [] } })
  const old = tagOf(await read(ann, flow))
  const merge = (body: unknown, match: string | null) =>
    send(ann, 'PATCH', flow, match, { body, headers: MERGE_PATCH })
  const first = await expectStatus(200, merge({ data: { viewport: { zoom: 1 } } }, old))
  expect((await merge({ data: { nodes: null } }, old)).status).toBe(412)
  expect((await merge({ data: { nodes: null } }, tagOf(first))).status).toBe(422)
  expect((await read(ann, flow)).body.data).toEqual({ nodes: [], edges: [], viewport: { zoom: 1 } })
})

test('what is refused for another reason is not refused for its tag, and an older flow takes no name', async () => {
  const mine = await createProject(ann, 'mine')
  const flow = await createFlow(ann, 'flow', mine)
  await createFlow(ann, 'taken', mine)
  await grant(root, bob, 'Editor', 'Flow', flow)
  const theirs = await createProject(bob, 'theirs')
  const status = async (api: Api, body: unknown) => (await patch(api, flow, body, '"old"')).status
  expect(await status(bob, { folder_id: theirs })).toBe(403)
  expect(await status(bob, { access_type: 'PUBLIC' })).toBe(403)
  expect(await status(ann, { folder_id: MISSING })).toBe(403)
  expect(await status(root, { folder_id: MISSING })).toBe(404)
  expect(await status(ann, { name: 'taken' })).toBe(412)
  expect((await patch(root, MISSING, {}, '"old"')).status).toBe(404)
  expect((await send(root, 'DELETE', MISSING, '"old"')).status).toBe(404)
  const before = await gate.db.execute('SELECT count(*) AS n FROM flowgate_audit')
  expect(await status(ann, { name: 'free', folder_id: null })).toBe(412)
  expect((await gate.db.execute('SELECT count(*) AS n FROM flowgate_audit')).rows).toEqual(
    before.rows,
  )
})

test('a hidden flow says nothing of its tag, whoever asks and however', async () => {
  const flow = await createFlow(ann, 'hidden')
  const tag = tagOf(await read(ann, flow))
  const told = async (method: string, id: string, match: string | null) => {
    const { status, headers, body } = await send(bob, method, id, match, {
      ...(method === 'PATCH' ? { body: { description: 'x' } } : {}),
    })
    return [status, headers.get('etag'), body.detail]
  }
  for (const method of ['PATCH', 'DELETE'])
    for (const match of [tag, '"other"', '*', null])
      expect(await told(method, flow, match)).toEqual(await told(method, MISSING, null))
  // Whoever may write it and not read it is told that it is another one, and not which.
  await grant(root, bob, 'Blind', 'Flow', flow)
  for (const method of ['PATCH', 'DELETE'])
    expect((await told(method, flow, '"other"')).slice(0, 2)).toEqual([412, null])
  const changed = await patch(bob, flow, { description: 'x' }, tag)
  expect([changed.status, tagOf(changed)]).toEqual([204, null])
  expect((await patch(bob, flow, { description: 'y' }, tag)).status).toBe(412)
  expect((await read(ann, flow)).body.description).toBe('x')
})

test('no tag takes a round trip, and none is kept from pages of listed origins', async () => {
  const flow = await createFlow(ann, 'cheap')
  const count = async (method: string, match: string | null) => {
    gate.proxy.reset()
    await send(ann, method, flow, match, method === 'PATCH' ? { body: { name: 'cheap' } } : {})
    return gate.proxy.count
  }
  const tag = async () => tagOf(await read(ann, flow))
  const plain = await count('PATCH', null)
  expect(await count('PATCH', await tag())).toBe(plain)
  expect(await count('PATCH', '"old"')).toBe(plain)
  expect(await count('DELETE', '"old"')).toBe(plain)
  expect(await count('DELETE', await tag())).toBe(plain)
  expect(plain).toBe(1)
})

test('where If-Match is required, a change of one flow without it is 428, after all that is refused before', async () => {
  const strict = await flowgateForTest({
    bindings: { REQUIRE_IF_MATCH: 'on', CORS_ORIGINS: 'https://pages.example' },
  })
  const admin = await signIn(strict)
  const cat = await createUser(strict, admin, 'cat')
  const flow = await createFlow(admin, 'strict')
  const ask = (api: Api, method: string, id: string, match: string | null) =>
    send(api, method, id, match, {
      on: strict,
      ...(method === 'PATCH' ? { body: { description: 'x' } } : {}),
    })
  for (const method of ['PATCH', 'DELETE']) {
    const { status, body, headers } = await ask(admin, method, flow, null)
    expect([status, body.code, headers.get('etag')]).toEqual([428, 'precondition_required', null])
    expect((await ask(cat, method, flow, null)).status).toBe(403)
    expect((await ask(admin, method, MISSING, null)).status).toBe(404)
  }
  const { body } = await expectStatus(200, admin.get(`/api/v1/flows/${flow}`))
  expect(body.description).toBe(null)
  await expectStatus(200, ask(admin, 'PATCH', flow, body.etag))
  await expectStatus(204, ask(admin, 'DELETE', flow, '*'))
  // Of several flows nobody says which they know.
  const another = await createFlow(admin, 'another')
  await expectStatus(200, admin.delete('/api/v1/flows/', [another]))
  const origin = 'https://pages.example'
  const preflight = await fetch(`${strict.url}/api/v1/flows/${flow}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'if-match',
    },
  })
  const allowed = (name: string) => preflight.headers.get(`access-control-allow-${name}`)
  expect([allowed('origin'), allowed('headers')?.toLowerCase()]).toEqual([origin, 'if-match'])
  expect(allowed('methods')).toContain('PATCH')
  const seen = await fetch(`${strict.url}/api/v1/flows/`, {
    headers: { origin, authorization: `Bearer ${admin.token}` },
  })
  expect(seen.headers.get('access-control-expose-headers')).toContain('ETag')
  await seen.arrayBuffer()
})

test('every UPDATE of a flow in the source counts its revision', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const updates = files.flatMap((file) =>
    [...readFileSync(join('src', file), 'utf8').matchAll(UPDATE)].map(([statement]) => ({
      file,
      statement,
    })),
  )
  expect(updates.length).toBeGreaterThanOrEqual(3)
  expect(updates.filter(({ statement }) => !COUNTED.test(statement))).toEqual([])
  for (const bad of ['UPDATE flow SET name = 1', 'update "flow" AS f\n SET name', '.update(flow)'])
    expect([bad, [...bad.matchAll(UPDATE)].length]).toEqual([bad, 1])
})

/** Also where an INSERT turns into one, or drizzle writes it. */
const UPDATE =
  /update\s+(?:or\s+\w+\s+)?[`"]?flow\b[`"]?[^`]{0,60}|into\s+[`"]?flow\b[^`]*do\s+update[^`]{0,60}|\.update\(flow\)/gi
const COUNTED = /\bset\s+\$\{counted\},/i
