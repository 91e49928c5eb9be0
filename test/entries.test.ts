// The search's index, kept by triggers: after any writes, by whoever makes them, it holds every flow as it is.
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { lostEntries, restoreEntries, staleEntries } from '../src/db/entries.ts'
import { sliceOf } from '../src/migrate/revision.ts'
import { BARE, fold, LETTERS } from '../src/search/fold.ts'
import { startDatabase } from './support/database.ts'
import { createTables } from './support/databases.ts'
import { runInSlices } from './support/slices.ts'
import { randomFrom } from './support/small-worlds.ts'

async function makeDatabase() {
  const database = await startDatabase()
  onTestFinished(() => database.stop())
  await createTables(database.client, revisions.length)
  return database.client
}
type Db = Awaited<ReturnType<typeof makeDatabase>>

const stale = async (db: Db) =>
  Number(
    (
      await db.execute(
        `SELECT (SELECT count(*) FROM (${staleEntries})) + (SELECT count(*) FROM (${lostEntries})) AS n`,
      )
    ).rows[0]?.n,
  )
const found = async (db: Db, match: string) =>
  (
    await db.execute({
      sql: `SELECT e.flow_id FROM flowgate_search s CROSS JOIN flowgate_search_entry e ON e.at = s.rowid WHERE s.flowgate_search MATCH ? ORDER BY 1`,
      args: [match],
    })
  ).rows.map((row) => row.flow_id)
const insert = (id: string, name: string, more = {}) => {
  const row = {
    id,
    name,
    access_type: 'PRIVATE',
    updated_at: '2026-01-02 03:04:05.000006',
    ...more,
  }
  return {
    sql: `INSERT INTO flow (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => '?')})`,
    args: Object.values(row) as (string | null)[],
  }
}

test('the index never drifts, whatever is inserted, changed, moved, ignored, replaced or rolled back', async () => {
  const db = await makeDatabase()
  const random = randomFrom(3)
  for (let round = 0; round < 200; round++) {
    const id = `f${random.below(20)}`
    const word = random.of(['one', 'two', 'three', 'vier', 'тест', '模型'])
    const statement = random.of([
      {
        sql: `INSERT OR IGNORE INTO flow (id, name, access_type, updated_at) VALUES (?, ?, 'PRIVATE', '2026-01-01 00:00:00')`,
        args: [id, word],
      },
      {
        sql: `INSERT OR REPLACE INTO flow (id, name, access_type) VALUES (?, ?, 'PRIVATE')`,
        args: [id, word],
      },
      { sql: 'UPDATE flow SET name = ?2, folder_id = ?2 WHERE id > ?1', args: [id, word] },
      {
        sql: 'UPDATE flow SET updated_at = ?2, tags = ?3 WHERE id = ?1',
        args: [id, random.of(['2026-02-01 00:00:00.000000', 'never', null]), `["${word}"]`],
      },
      {
        sql: 'UPDATE OR IGNORE flow SET id = ?2 WHERE id = ?1',
        args: [id, `f${random.below(20)}`],
      },
      { sql: 'DELETE FROM flow WHERE id BETWEEN ? AND ?', args: [id, `${id}9`] },
    ])
    const fails = random.chance(0.2) ? ["SELECT json('no json')"] : []
    await db
      .migrate([statement, ...fails])
      .catch((error: Error) => expect(error.message).toContain('malformed JSON'))
  }
  expect(await stale(db)).toBe(0)
  const { rows } = await db.execute(`SELECT id FROM flow WHERE name = 'two' ORDER BY id`)
  expect(await found(db, 'name : "two"')).toEqual(rows.map((row) => row.id))
  await db.execute(`INSERT INTO flowgate_search (flowgate_search) VALUES ('integrity-check')`)
})

test('flows of one moment, and more than a millisecond has numbers for, stand one after the other', async () => {
  const db = await makeDatabase()
  await db.execute(`INSERT INTO flow (id, name, access_type, updated_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4200)
    SELECT 'f' || i, 'same', 'PRIVATE', '2026-01-02 03:04:05.000006' FROM n`)
  await db.migrate([
    insert('later', 'same', { updated_at: '2026-01-02 03:05:05.000000' }),
    insert('earlier', 'same', { updated_at: '2026-01-02 03:04:04.999000' }),
  ])
  const { rows } = await db.execute(
    'SELECT count(DISTINCT at) AS n, count(*) AS all_of_them FROM flowgate_search_entry',
  )
  expect({ ...rows[0] }).toEqual({ n: 4202, all_of_them: 4202 })
  const ends = await db.execute(
    'SELECT flow_id FROM flowgate_search_entry WHERE at IN (SELECT min(at) FROM flowgate_search_entry UNION SELECT max(at) FROM flowgate_search_entry) ORDER BY at',
  )
  expect(ends.rows.map((row) => row.flow_id)).toEqual(['earlier', 'later'])
})

test('a millisecond whose numbers are all given away stops neither writers nor those who enter what was there', async () => {
  const db = await makeDatabase()
  await db.migrate([insert('f0', 'same'), insert('f1', 'same')])
  // As if half a million had been written: the last number of this millisecond stands at one of the two.
  const fill = `UPDATE flowgate_search_entry SET at = (at >> 20 << 20) + (1 << 19) - 1 WHERE flow_id = 'f1'`
  await db.migrate([
    `DELETE FROM flowgate_search WHERE rowid = (SELECT at FROM flowgate_search_entry WHERE flow_id = 'f1')`,
    fill,
    insert('f2', 'two'),
    insert('f3', 'three'),
    insert('near', 'near', { updated_at: '2026-01-02 03:04:05.900000' }),
    insert('f4', 'four'),
  ])
  const each = async () =>
    (
      await Promise.all(['two', 'three', 'four', 'near'].map((word) => found(db, `"${word}"`)))
    ).flat()
  expect(await each()).toEqual(['f2', 'f3', 'f4', 'near'])
  await db.migrate([`DELETE FROM flowgate_search_entry WHERE flow_id NOT IN ('f1')`])
  await runInSlices(
    db,
    revisions.filter(({ tag }) => tag === '0021_counted'),
    2,
  )
  expect(await each()).toEqual(['f2', 'f3', 'f4', 'near'])
})

test('what a lost trigger should have kept is told, and restored in slices', async () => {
  const db = await makeDatabase()
  await db.migrate(Array.from({ length: 12 }, (_, n) => insert(`f${n}`, `name ${n}`)))
  const { rows: triggers } = await db.execute(
    `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'flowgate_search%'`,
  )
  await db.migrate([
    ...triggers.map(({ name }) => `DROP TRIGGER ${name}`),
    `DELETE FROM flow WHERE id = 'f1'`,
    `UPDATE flow SET name = 'longer name' WHERE id = 'f2'`,
    `UPDATE flow SET folder_id = 'p' WHERE id = 'f3'`,
    insert('new', 'fresh'),
    `DELETE FROM flowgate_search_entry WHERE flow_id = 'f4'`,
    `DELETE FROM flowgate_search WHERE rowid = (SELECT at FROM flowgate_search_entry WHERE flow_id = 'f5')`,
    ...triggers.map(({ sql }) => String(sql)),
  ])
  expect(await stale(db)).toBe(7)
  for (const step of restoreEntries)
    for (let rows = 1; rows > 0; )
      rows = (await db.migrate([sliceOf(step, 2)]))[0]?.rowsAffected ?? 0
  expect(await stale(db)).toBe(0)
  expect([await found(db, '"longer"'), await found(db, '"fresh"'), await found(db, '"1"')]).toEqual(
    [['f2'], ['new'], []],
  )
})

test('flows from before are entered in slices, dated and undated, beside whoever writes', async () => {
  const db = await makeDatabase()
  const dates = [
    '2026-01-03 00:00:00.000000',
    '2026-01-01 00:00:00.000000',
    null,
    '2026-01-02 00:00:00.000000',
    'no date',
    '2026-01-02 00:00:00.000000',
  ]
  await db.migrate(dates.map((updated_at, n) => insert(`f${n}`, `old ${n}`, { updated_at })))
  await db.execute('DELETE FROM flowgate_search_entry')
  await db.migrate([insert('now', 'old', { updated_at: '2026-03-01 00:00:00.000000' })])
  await runInSlices(
    db,
    revisions.filter(({ tag }) => tag === '0021_counted'),
    1,
  )
  expect(await stale(db)).toBe(0)
  const { rows } = await db.execute('SELECT flow_id FROM flowgate_search_entry ORDER BY at DESC')
  const order = rows.map((row) => row.flow_id)
  expect(order.slice(0, 2)).toEqual(['now', 'f0'])
  expect(order.indexOf('f1')).toBe(4)
})

test('what is looked for is folded as what is found', async () => {
  const trigger = readFileSync(new URL('../migrations/0020_counts.sql', import.meta.url), 'utf8')
  expect([trigger.includes(`'${LETTERS}'`), trigger.includes(`'${BARE}'`)]).toEqual([true, true])
  const db = await makeDatabase()
  const words = [
    'Οδυσσεύς',
    'ΆΛΦΑ',
    'Ёлка',
    'שָׁלוֹם',
    'كِتَاب',
    'أحمد',
    '大语言',
    'ภาษาไทย',
    'Ångström',
  ]
  await db.migrate(words.map((word, n) => insert(`f${n}`, word)))
  for (const [n, word] of words.entries())
    expect([word, await found(db, `name : "${fold(word).trim()}"`)]).toEqual([word, [`f${n}`]])
})

test('flows that are only saved again are not entered anew, and no more than a few stay moved', async () => {
  const db = await makeDatabase()
  await db.migrate(Array.from({ length: 150 }, (_, n) => insert(`f${n}`, `name ${n}`)))
  const numbers = async () =>
    (
      await db.execute('SELECT CAST(at AS TEXT) AS at FROM flowgate_search_entry ORDER BY flow_id')
    ).rows.map(({ at }) => at)
  const moved = async () =>
    Number((await db.execute('SELECT count(moved) AS n FROM flowgate_search_entry')).rows[0]?.n)
  const before = await numbers()
  await db.migrate(
    Array.from(
      { length: 150 },
      (_, n) =>
        `UPDATE flow SET data = '{}', updated_at = '2026-02-01 00:00:00.${String(n).padStart(3, '0')}000' WHERE id = 'f${n}'`,
    ),
  )
  expect([await numbers(), await moved()]).toEqual([before, 150])
  for (let n = 0; n < 4; n++) await db.execute(`UPDATE flow SET tags = tags WHERE id = 'f0'`)
  expect(await moved()).toBe(64)
  expect(await stale(db)).toBe(0)
})
