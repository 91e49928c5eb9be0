// The number of flows per project and the newest of them, kept by triggers: after any writes, by whoever makes them,
// they are what counting and sorting give.
import type { Client, InValue } from '@libsql/client'
import { expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { differingCounts, restoreCounts } from '../src/db/counts.ts'
import { startDatabase } from './support/database.ts'
import { createTables } from './support/databases.ts'
import { flowgateForTest } from './support/flowgate.ts'
import { runInSlices } from './support/slices.ts'
import { randomFrom } from './support/small-worlds.ts'
import { signIn } from './support/world.ts'

/** Times as they should be, and what else may stand there. */
const times: readonly [InValue, ...InValue[]] = [
  '2026-01-01 00:00:00.000000',
  '2026-01-02 00:00:00.000000',
  null,
  5,
  7.5,
  'soon',
]

test('count and newest flow of a project never drift, whatever is inserted, saved, moved, deleted, ignored or rolled back', async () => {
  const gate = await flowgateForTest()
  await signIn(gate)
  const random = randomFrom(1)
  for (let round = 0; round < 600; round++) {
    const id = random.below(30)
    const project = random.of([null, 'p1', 'p2', 'p3'])
    const time = random.of(times)
    const statement = random.of([
      {
        sql: `INSERT OR IGNORE INTO flow (id, name, access_type, folder_id, updated_at) VALUES (?, 'x', 'PRIVATE', ?, ?)`,
        args: [id, project, time],
      },
      {
        sql: `INSERT INTO flow (id, name, access_type, folder_id) VALUES (?, 'x', 'PRIVATE', ?) ON CONFLICT (id) DO UPDATE SET folder_id = excluded.folder_id`,
        args: [id, project],
      },
      { sql: 'UPDATE flow SET updated_at = ? WHERE id >= ?', args: [time, id] },
      { sql: 'UPDATE flow SET updated_at = ? WHERE id = ?', args: [time, id] },
      {
        sql: 'UPDATE flow SET folder_id = ?, updated_at = ? WHERE id = ?',
        args: [project, time, id],
      },
      { sql: `UPDATE OR IGNORE flow SET id = id || 'x' WHERE id = ?`, args: [id] },
      { sql: 'UPDATE flow SET folder_id = ? WHERE id > ?', args: [project, id] },
      { sql: `UPDATE flow SET name = 'y' WHERE id = ?`, args: [id] },
      { sql: 'DELETE FROM flow WHERE id BETWEEN ? AND ? + 3', args: [id, id] },
    ])
    const fails = random.chance(0.2) ? ["SELECT json('no json')"] : []
    await gate.db
      .migrate([statement, ...fails])
      .catch((error: Error) => expect(error.message).toContain('malformed JSON'))
    if (round % 10 !== 0) continue
    const [counted, kept, newest, heads] = await gate.db.batch([
      `SELECT coalesce(folder_id, '') AS folder, count(*) AS n FROM flow GROUP BY 1 UNION ALL SELECT '*', count(*) FROM flow ORDER BY 1`,
      `SELECT folder_id AS folder, n FROM flowgate_flow_count WHERE n > 0 OR folder_id = '*' ORDER BY 1`,
      `SELECT folder_id, updated_at, id FROM (SELECT *, row_number() OVER (PARTITION BY folder_id ORDER BY updated_at DESC, id DESC) AS nth
        FROM flow WHERE folder_id IS NOT NULL) WHERE nth = 1 ORDER BY 1`,
      'SELECT folder_id, head, head_id FROM flowgate_flow_count WHERE head_id IS NOT NULL ORDER BY 1',
    ])
    expect(heads?.rows.map((row) => Object.values(row))).toEqual(
      newest?.rows.map((row) => Object.values(row)),
    )
    expect(kept?.rows.map((row) => [row.folder, row.n])).toEqual(
      counted?.rows.map((row) => [row.folder, row.n]),
    )
  }
})

test('a count that is not there yet is right from the first write on, and the backfill adds the others', async () => {
  const db = await makeDatabase()
  await db.migrate([
    ...['p1', 'p2', 'p3', 'p4', null].flatMap((project, i) => insert(project, 3 + i)),
    'DELETE FROM flowgate_flow_count',
  ])
  await db.migrate(insert('p1', 1))
  await db.migrate([`UPDATE flow SET folder_id = 'p2' WHERE folder_id = 'p1' AND name = 'f0'`])
  await db.migrate([`DELETE FROM flow WHERE folder_id = 'p3' AND name = 'f0'`])
  // Nobody asked for p3, p4 and the flows of no project so far.
  expect(await readCounts(db)).toEqual(['* 25', 'p1 2', 'p2 6'].sort())
  const counted = revisions.filter(({ tag }) => tag === '0021_counted')
  await runInSlices(db, counted, 1)
  expect(await readCounts(db)).toEqual([' 7', '* 25', 'p1 2', 'p2 6', 'p3 4', 'p4 6'].sort())
  expect((await db.execute(differingCounts)).rows).toEqual([])
})

test('what a lost trigger should have kept is found by name and restored in slices', async () => {
  const db = await makeDatabase()
  await db.migrate(['p1', 'p2', 'p3', 'p4', null].flatMap((project) => insert(project, 4)))
  const { rows: triggers } = await db.execute(
    `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'flow'`,
  )
  await db.migrate([
    ...triggers.map(({ name }) => `DROP TRIGGER ${name}`),
    `DELETE FROM flow WHERE folder_id = 'p1' OR folder_id IS NULL AND name = 'f0'`,
    `UPDATE flow SET folder_id = 'p5' WHERE folder_id = 'p2'`,
    ...insert('p3', 1),
    ...triggers.map(({ sql }) => String(sql)),
  ])
  const { rows } = await db.execute(`${differingCounts} ORDER BY 1`)
  expect(rows.map((row) => [row.folder_id, row.expected, row.found])).toEqual([
    ['', 3, 4],
    ['*', 16, 20],
    ['p1', 0, 4],
    ['p2', 0, 4],
    ['p3', 5, 4],
    ['p5', 4, null],
  ])
  let slices = 0
  while ((await db.execute(restoreCounts.replace('LIMIT -1', 'LIMIT 2'))).rowsAffected > 0) slices++
  expect(slices).toBe(3)
  expect((await db.execute(differingCounts)).rows).toEqual([])
  await db.migrate(insert('p5', 2))
  expect((await db.execute(differingCounts)).rows).toEqual([])
})

async function makeDatabase(): Promise<Client> {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  await createTables(database.client, revisions.length)
  return database.client
}

const insert = (project: string | null, n: number) =>
  Array.from({ length: n }, (_, i) => ({
    sql: `INSERT INTO flow (id, name, access_type, folder_id) VALUES (lower(hex(randomblob(16))), ?, 'PRIVATE', ?)`,
    args: [`f${i}`, project],
  }))

async function readCounts(db: Client): Promise<string[]> {
  const { rows } = await db.execute('SELECT folder_id, n FROM flowgate_flow_count')
  return rows.map((row) => `${row.folder_id} ${row.n}`).sort()
}
