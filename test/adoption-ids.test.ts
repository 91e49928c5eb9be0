// How adoption changes rows: ids to one spelling, what is held twice to once, authors' flows to where they
// keep them. The same whether it runs at once or in slices that are cut off anywhere.
import type { Client } from '@libsql/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import type { Revision } from '../src/migrate/revision.ts'
import { startDatabase, type TestDatabase } from './support/database.ts'
import { ids, langbuilderSql } from './support/langbuilder.ts'
import { dash, ERINS, faultsSql, strays } from './support/langbuilder-faults.ts'
import { portray, readPowers } from './support/portrait.ts'
import { findObstacles, runInSlices } from './support/slices.ts'

let database: TestDatabase
let db: Client
beforeAll(async () => {
  database = await startDatabase()
  db = database.client
})
afterAll(() => database.stop())
beforeEach(() => database.reset())

const one = (id: unknown) => String(id).replaceAll('-', '').toLowerCase()
const ages = [
  ['before RBAC', false],
  ['with RBAC', true],
] as const

/** LangBuilder's database with all faults, and what is still to run on it. */
async function enter(hasRbac: boolean) {
  const at = hasRbac ? 'f5fcbdff490d' : '3162e83e485f'
  await db.executeMultiple(langbuilderSql({ origin: hasRbac ? 'fresh' : 'migrated', at }))
  await db.executeMultiple(faultsSql(hasRbac))
  return revisions.slice(hasRbac ? 2 : 1)
}

describe.each(ages)('a LangBuilder database %s', (_, hasRbac) => {
  test('ends the same at once, in slices, and after a crash behind any of them', async () => {
    const rest = await enter(hasRbac)
    await runInSlices(db, rest, -1)
    const whole = await portray(db)
    let crashAfter = 0
    for (let isWhole = false; !isWhole; crashAfter += 3) {
      await database.reset()
      await enter(hasRbac)
      const first = await runInSlices(db, rest, 7, crashAfter)
      isWhole = first.transactions <= crashAfter
      if (!isWhole) await runInSlices(db, await skipApplied(rest), 5)
      expect(await portray(db), `crash after ${crashAfter}`).toEqual(whole)
    }
    expect(crashAfter).toBeGreaterThan(20)
  })

  test('has every id in one spelling, and only rows of somebody gone point nowhere', async () => {
    const rest = await enter(hasRbac)
    expect(await findObstacles(db, revisions)).toEqual([])
    await runInSlices(db, rest, 7)
    expect(await listOddIds()).toEqual([])
    const ofSomebodyGone = [
      ['flow', 'user', 2],
      ['folder', 'user', 1],
    ]
    expect(await countOrphans()).toEqual(
      hasRbac ? [['flow', 'folder', 1], ...ofSomebodyGone] : ofSomebodyGone,
    )
  })

  test('changes nothing when it runs again', async () => {
    const rest = await enter(hasRbac)
    await runInSlices(db, rest, 7)
    const before = await portray(db)
    const again = rest.filter(({ statements }) => statements.some(isRepeat))
    const { changed } = await runInSlices(db, again, 7)
    expect(Object.values(changed).every((n) => n === 0)).toBe(true)
    expect(await portray(db)).toEqual(before)
  })
})

test('before RBAC: authors keep every flow they had, and nobody gains one of theirs', async () => {
  const rest = await enter(false)
  const { rows } = await db.execute('SELECT user_id, id FROM flow WHERE user_id IS NOT NULL')
  const users = (await db.execute('SELECT id FROM user')).rows.map((row) => one(row.id))
  const before = rows
    .filter((row) => users.includes(one(row.user_id)))
    .map((row) => `${one(row.user_id)} ${one(row.id)}`)
  const { changed } = await runInSlices(db, rest, 7)
  const ofSomebodyGone = `${ids.alice} ${'1a'.repeat(16)}`
  expect(await readPowers(db)).toEqual([...before, ofSomebodyGone].sort())
  expect(changed).toMatchObject({
    "flows moved to their author's own Starter Project": ERINS + 5,
    'Starter Projects made for authors of such flows': 3,
  })
  const { flows, projects, grants } = await portray(db)
  expect(flows).toEqual(
    expect.arrayContaining([
      `${'0a'.repeat(16)} | ${ids.bob} | ${ids.bob}/Starter Project`,
      `${'0b'.repeat(16)} | ${one(ids.carol)} | ${one(ids.carol)}/Starter Project`,
      `${'0c'.repeat(16)} | ${ids.bob} | /Starter Projects`,
      `${'f6'.repeat(16)} | ${ids.bob} | ${ids.bob}/Starter Project`,
      `${'20'.repeat(16)} | ${strays.erin} | ${strays.erin}/Starter Project`,
    ]),
  )
  for (const user of [ids.bob, one(ids.carol), strays.erin, one(strays.dave)]) {
    expect(projects).toContain(
      `${user} | Starter Project | 1 | ${user === one(strays.dave) ? `${ids.bob}/Work` : 'nowhere'}`,
    )
    expect(grants).toContain(`${user} | Owner | Project | ${user}/Starter Project | 1 | ${user}`)
  }
})

test('with RBAC: grants decide, so no flow moves and nobody gains or loses one by where it lies', async () => {
  const rest = await enter(true)
  const { rows } = await db.execute('SELECT id, folder_id FROM flow')
  await runInSlices(db, rest, 7)
  const after = (await db.execute('SELECT id, folder_id FROM flow')).rows
  const places = (all: typeof rows) =>
    all.map((row) => `${one(row.id)} ${row.folder_id && one(row.folder_id)}`).sort()
  expect(places(after)).toEqual(places(rows))
  const { rows: kept } = await db.execute(
    `SELECT id FROM userroleassignment WHERE id IN (${['4a', '4b', '4c', '4d', '4e', '50', '91', '92'].map((two) => `'${two.repeat(16)}'`).join()}) ORDER BY id`,
  )
  // The immutable one, the older of two, and the oldest without a scope.
  expect(kept.map((row) => String(row.id).slice(0, 2))).toEqual(['4b', '4e', '92'])
  const { rows: own } = await db.execute(
    `SELECT count(*) AS n, count(DISTINCT id) AS ids FROM userroleassignment WHERE scope_id = '${'f2'.repeat(16)}'`,
  )
  expect(own).toEqual([expect.objectContaining({ n: 3, ids: 3 })])
})

test('an author who was given or denied a flow by a grant keeps what the grant says', async () => {
  const rest = await enter(false)
  await runInSlices(db, rest.slice(0, 2), 7)
  await db.execute(`INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
    SELECT '${'77'.repeat(16)}', '${ids.bob}', id, 'Flow', '${'0a'.repeat(16)}', 0, '2025' FROM role WHERE name = 'Viewer'`)
  const { changed } = await runInSlices(db, rest.slice(2), 7)
  expect(changed["flows moved to their author's own Starter Project"]).toBe(0)
})

describe('two ids that would become one are refused by name', () => {
  test.each(['user', 'folder', 'flow', 'apikey', 'role', 'permission'])('in %s', async (table) => {
    await enter(true)
    const { rows } = await db.execute(`SELECT * FROM ${table} WHERE length(id) = 32 LIMIT 1`)
    const id = String(rows[0]?.id)
    const columns = (await db.execute(`SELECT name FROM pragma_table_info('${table}')`)).rows.map(
      (row) => String(row.name),
    )
    const others = {
      id: `'${dash(id)}'`,
      api_key: `'sk-other'`,
      username: `'other'`,
      name: `'other'`,
    }
    const values = columns.map((column) =>
      column in others ? others[column as keyof typeof others] : `"${column}"`,
    )
    await db.migrate([
      `INSERT INTO ${table} (${columns.map((c) => `"${c}"`)}) SELECT ${values} FROM ${table} WHERE id = '${id}'`,
    ])
    const obstacles = await findObstacles(db, revisions)
    expect(obstacles).toEqual([
      { what: expect.stringContaining(table), rows: [`${table} ${dash(id)} and ${id}`] },
    ])
  })

  test('and so are two things of one name, of one user in two spellings', async () => {
    await enter(false)
    await db.executeMultiple(`PRAGMA foreign_keys = OFF;
      UPDATE flow SET name = 'same', endpoint_name = 'same' WHERE id = '${'0a'.repeat(16)}';
      UPDATE flow SET name = 'same', endpoint_name = 'same', user_id = '${dash(ids.bob)}' WHERE id = '${'0c'.repeat(16)}';
      INSERT INTO folder (id, name, user_id) VALUES ('${'6a'.repeat(16)}', 'Work', '${dash(ids.bob)}');`)
    const rows = (await findObstacles(db, revisions)).flatMap((obstacle) => obstacle.rows)
    expect(rows).toEqual(
      [
        `folder 'Work' of user ${ids.bob} and of user ${dash(ids.bob)}`,
        `flow 'same' of user ${ids.bob} and of user ${dash(ids.bob)}`,
        `flow 'same' of user ${ids.bob} and of user ${dash(ids.bob)}`,
      ].map((text) =>
        text.replace(
          `${ids.bob} and of user ${dash(ids.bob)}`,
          [ids.bob, dash(ids.bob)].sort().join(' and of user '),
        ),
      ),
    )
  })
})

const isRepeat = (sql: string) => sql.startsWith('-- flowgate:repeat')

/** What a ledger would know: a revision is done once a later one left its mark on the schema. */
async function skipApplied(rest: readonly Revision[]) {
  const { rows } = await db.execute('SELECT name FROM sqlite_master')
  const names = rows.map((row) => String(row.name))
  const made = rest.findLastIndex(({ statements }) =>
    statements.some((sql) => {
      const object = /CREATE (?:UNIQUE )?(?:TABLE|INDEX) `(\w+)`/.exec(sql)?.[1]
      return object !== undefined && names.includes(object)
    }),
  )
  return rest.slice(made + 1)
}

async function countOrphans(): Promise<unknown> {
  const { rows } = await db.execute(
    `SELECT "table", parent, count(*) AS n FROM pragma_foreign_key_check WHERE "table" IN ('flow', 'folder', 'apikey') GROUP BY 1, 2 ORDER BY 1, 2`,
  )
  return rows.map((row) => Object.values(row))
}

async function listOddIds(): Promise<string[]> {
  const columns = {
    user: ['id'],
    folder: ['id', 'parent_id', 'user_id'],
    flow: ['id', 'user_id', 'folder_id'],
    apikey: ['id', 'user_id'],
    role: ['id'],
    permission: ['id'],
    rolepermission: ['id', 'role_id', 'permission_id'],
    userroleassignment: ['id', 'user_id', 'role_id', 'scope_id', 'created_by'],
  }
  const queries = Object.entries(columns).flatMap(([table, names]) =>
    names.map(
      (name) =>
        `SELECT '${table}.${name} ' || ${name} FROM ${table} WHERE length(${name}) <> 32 OR ${name} GLOB '*[^0-9a-f]*'`,
    ),
  )
  const { rows } = await db.execute(queries.join(' UNION ALL '))
  return rows.map((row) => String(row[0]))
}
