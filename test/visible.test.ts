// The listing's formulation of the decision rule against the rule itself, row by row in the same
// database: every form of listing, walked to its end, shows exactly the flows that `mayFlow` allows.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ask, askAs } from '../src/access/ask.ts'
import { requireCaller } from '../src/access/caller.ts'
import { amAdmin, mayFlow, mayProject, myId } from '../src/access/predicate.ts'
import { recallShape, rememberShape, type Shape } from '../src/access/shape.ts'
import { type Database, openDatabase } from '../src/db/client.ts'
import { sql } from '../src/db/sql.ts'
import type { Position } from '../src/flows/listing/cursor.ts'
import type { Listing } from '../src/flows/listing/page.ts'
import { readSlice } from '../src/flows/listing/slice.ts'
import { type Flowgate, startFlowgate } from './support/flowgate.ts'
import { makeSmallWorld, randomFrom } from './support/small-worlds.ts'
import { credentialOf, sessionsOfAll } from './support/tokens.ts'
import { signIn } from './support/world.ts'

const WORLDS = Number(process.env.WORLDS ?? 5)
const FIRST = Number(process.env.FIRST_WORLD ?? 20)

let gate: Flowgate
let db: Database
beforeAll(async () => {
  gate = await startFlowgate()
  await signIn(gate)
  db = openDatabase({ url: gate.sqld.url })
})
afterAll(() => gate.stop())

const ADMIN_ID = 'ad'.repeat(16)
const ADMIN = `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
  VALUES ('${ADMIN_ID}', 'looks as others', '!', 1, 1, '2026-01-01', '2026-01-01')`

test(`every listing shows exactly what mayFlow allows, in ${WORLDS} random worlds`, async () => {
  for (let seed = FIRST; seed < FIRST + WORLDS; seed++) {
    const { users, projects } = await makeSmallWorld(gate.db, seed)
    await gate.db.batch([ADMIN, sessionsOfAll], 'write')
    const admin = askAs(db, await credentialOf(ADMIN_ID), requireCaller)
    const random = randomFrom(seed)
    for (const user of users) {
      for (const listing of listings(random.of(projects as [string, ...string[]]))) {
        const take = random.of([1, 2, 3, 7, 50])
        const ask = askAs(db, await credentialOf(user), requireCaller)
        const expected = await allowed(ask, listing)
        const label = `world ${seed}, user ${user}, ${JSON.stringify(listing)}, ${take} at a time`
        const walked = await walk(ask, listing, take)
        expect(walked, label).toEqual({ ids: expected, totals: [expected.length], back: true })
        const seen = await walk(admin.lookingAs(user), listing, take)
        expect(seen, `${label}, as an admin sees it`).toEqual(walked)
      }
    }
  }
}, 600_000)

test('whatever is remembered of a caller, the listing is theirs, and what is wrong costs one more round trip', async () => {
  const { users, projects } = await makeSmallWorld(gate.db, FIRST)
  const seen = { right: 0, wrong: 0 }
  for (const user of users) {
    for (const listing of listings(String(projects[0])).slice(0, 5)) {
      const asked = openDatabase({ url: gate.sqld.url })
      const ask = askAs(asked, await credentialOf(user), requireCaller)
      const expected = await allowed(ask, listing)
      rememberShape(ask.name, undefined)
      await readSlice(ask, listing, { take: 50, total: true })
      const theirs = recallShape(ask.name)
      for (const shape of shapes) {
        rememberShape(ask.name, shape)
        const before = asked.roundTrips
        const { rows, total } = await readSlice(ask, listing, { take: 50, total: true })
        const label = `user ${user}, ${JSON.stringify(listing)}, remembered as ${JSON.stringify(shape)}`
        expect({ ids: rows.map((row) => row.id), total }, label).toEqual({
          ids: expected.slice(0, 50),
          total: expected.length,
        })
        const trips = asked.roundTrips - before
        if (JSON.stringify(shape) === JSON.stringify(theirs)) expect(trips, label).toBe(1)
        expect(trips, label).toBeLessThanOrEqual(2)
        seen[trips === 1 ? 'right' : 'wrong']++
      }
    }
  }
  expect(Math.min(seen.right, seen.wrong)).toBeGreaterThan(20)
}, 300_000)

const either = [false, true]
const shapes: Shape[] = (['superuser', 'admin', 'reader', 'member'] as const).flatMap((standing) =>
  either.flatMap((inTeams) =>
    either.map((hasFlowGrants) => ({ standing, inTeams, hasFlowGrants })),
  ),
)

function listings(project: string): Listing[] {
  const plain: Listing = {
    within: { kind: 'everywhere' },
    order: 'updated',
    headers: false,
    actions: false,
    componentsOnly: false,
    withoutExamples: false,
  }
  return [
    plain,
    { ...plain, order: 'name', headers: true },
    { ...plain, within: { kind: 'project', id: project } },
    { ...plain, within: { kind: 'project', id: project }, order: 'name', withoutExamples: true },
    { ...plain, within: { kind: 'starter' } },
    { ...plain, within: { kind: 'shared' } },
    { ...plain, within: { kind: 'shared' }, order: 'name', headers: true },
    { ...plain, within: { kind: 'shared' }, componentsOnly: true },
    { ...plain, within: { kind: 'shared' }, withoutExamples: true },
    { ...plain, componentsOnly: true },
    { ...plain, withoutExamples: true, headers: true, actions: true },
  ]
}

/** The whole listing as the rule says it, with nothing but a scan of all flows. */
async function allowed(ask: Ask, listing: Listing): Promise<string[]> {
  const { within } = listing
  const shared = sql`SELECT folder_id FROM flowgate_examples`
  const outside = sql`NOT ${amAdmin} AND NOT (f.folder_id IS NOT NULL AND ${mayProject('Read', sql`f.folder_id`)})`
  const inside = {
    everywhere: sql`1`,
    shared: outside,
    starter: sql`f.folder_id = (SELECT id FROM folder WHERE is_starter_project AND user_id = ${myId})`,
    project: sql`f.folder_id = ${within.kind === 'project' ? within.id : null}`,
  }[within.kind]
  const { rows } = await ask.read({
    rows: sql`SELECT f.id FROM flow f
    WHERE ${mayFlow('Read', sql`f.id`, sql`f.folder_id`)}
      AND ${inside}
      AND ${listing.withoutExamples ? sql`f.folder_id NOT IN (${shared})` : sql`1`}
      AND ${listing.componentsOnly ? sql`(f.is_component = 1 OR (f.is_component IS NULL AND f.data LIKE '{%'))` : sql`1`}
    ORDER BY ${listing.order === 'name' ? sql`f.name, f.id` : sql`f.updated_at DESC, f.id DESC`}`,
  })
  return rows.map((row) => String(row.id))
}

/** Walks forward to the end and back again: both ways must show the same. */
async function walk(ask: Ask, listing: Listing, take: number) {
  const ids: string[] = []
  const totals = new Set<number>()
  let from: Position | undefined
  let start: Position | undefined
  do {
    const slice = await readSlice(ask, listing, { from, take, total: true })
    ids.push(...slice.rows.map((row) => String(row.id)))
    totals.add(slice.total)
    if (slice.prev) start = slice.prev
    from = slice.next
  } while (from)
  const before: string[] = []
  for (let at = start; at; ) {
    const slice: Awaited<ReturnType<typeof readSlice>> = await readSlice(ask, listing, {
      from: at,
      take,
    })
    before.unshift(...slice.rows.map((row) => String(row.id)))
    at = slice.prev
  }
  const back = before.every((id, n) => id === ids[n])
  return { ids, totals: [...totals], back }
}

test('a listing without a caller, or with one made by hand, does not compile', () => {
  // @ts-expect-error only `readCredential` makes a credential
  const byHand = () => askAs(db, { kind: 'user', userId: '', credentials: null }, requireCaller)
  // @ts-expect-error a database alone does not say who asks
  const ofNobody = () => readSlice(db, {} as Listing, { take: 1 })
  expect([byHand, ofNobody]).toHaveLength(2)
})
