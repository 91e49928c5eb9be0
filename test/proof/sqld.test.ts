// sqld as we start it. Left to itself, with checkpoints made by its writers, it hung for ever in each of
// five runs of such writes, after 42 to 620 of them; before that some are refused as busy.
import { createClient } from '@libsql/client'
import { expect, onTestFinished, test } from 'vitest'
import { startDatabase } from '../support/database.ts'

const WRITERS = 20
const WRITES = 1000

test('many writers at once are all served', { timeout: 120_000 }, async () => {
  const { url, stop } = await startDatabase()
  onTestFinished(stop)
  const db = createClient({ url, concurrency: WRITERS })
  onTestFinished(() => db.close())
  await db.execute('CREATE TABLE page (id INTEGER PRIMARY KEY, text TEXT)')
  let written = 0
  const writer = async () => {
    while (written < WRITES) {
      written++
      await db.batch(
        [
          { sql: 'INSERT INTO page (text) VALUES (?)', args: ['x'.repeat(300_000)] },
          'DELETE FROM page WHERE id <= last_insert_rowid() - 20',
        ],
        'write',
      )
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  const { rows } = await db.execute('SELECT max(id) AS last, count(*) AS kept FROM page')
  expect(rows[0]).toMatchObject({ kept: 20 })
  expect(Number(rows[0]?.last)).toBeGreaterThanOrEqual(WRITES)
})
