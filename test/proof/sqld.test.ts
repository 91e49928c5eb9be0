// sqld as we start it. Left to itself, with checkpoints made by its writers, it hung for ever in each of
// five runs of such writes, after 42 to 620 of them; before that some are refused as busy.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { expect, onTestFinished, test } from 'vitest'
import { startSqld } from '../../src/cli/sqld.ts'

const WRITERS = 20
const WRITES = 1000

test('many writers at once are all served between two checkpoints', {
  timeout: 120_000,
}, async () => {
  const { refused, rows } = await writeALot({ checkpointSeconds: 600, isOver: (n) => n >= WRITES })
  expect(refused).toEqual([])
  expect(rows.kept).toBe(20)
  expect(rows.last).toBeGreaterThanOrEqual(WRITES)
})

// `npm start` makes one a minute; far more of them here, to meet many.
test('a checkpoint by the clock refuses some of many writers as busy and hangs none', {
  timeout: 120_000,
}, async () => {
  const end = Date.now() + 30_000
  const { refused, written, rows } = await writeALot({
    checkpointSeconds: 5,
    isOver: () => Date.now() > end,
  })
  for (const error of refused) expect(error).toContain('SQLITE_BUSY')
  expect(refused.length).toBeLessThan(written / 5)
  expect(rows.last).toBe(written - refused.length)
})

type Plan = { checkpointSeconds: number; isOver: (written: number) => boolean }

/** Sends writes of 300 KB, 20 at a time. */
async function writeALot({ checkpointSeconds, isOver }: Plan) {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-sqld-'))
  const sqld = await startSqld(directory, { checkpointSeconds })
  onTestFinished(async () => {
    await sqld.stop('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  const db = createClient({ url: sqld.url, concurrency: WRITERS })
  onTestFinished(() => db.close())
  await db.execute('CREATE TABLE page (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)')
  let written = 0
  const refused: string[] = []
  const write = () =>
    db.batch(
      [
        { sql: 'INSERT INTO page (text) VALUES (?)', args: ['x'.repeat(300_000)] },
        'DELETE FROM page WHERE id <= last_insert_rowid() - 20',
      ],
      'write',
    )
  const writer = async () => {
    while (!isOver(written)) {
      written++
      await write().catch((error: unknown) => refused.push(String(error)))
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  const { rows } = await db.execute('SELECT max(id) AS last, count(*) AS kept FROM page')
  return { refused, written, rows: { last: Number(rows[0]?.last), kept: Number(rows[0]?.kept) } }
}
