// Rows that the server can neither read nor change. sqld refuses to write one, so another SQLite does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@libsql/client'
import { expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { findings } from '../src/db/findings.ts'
import { langbuilderSql } from './support/langbuilder.ts'
import { dash, faultsSql } from './support/langbuilder-faults.ts'
import { findObstacles, runInSlices } from './support/slices.ts'

/** LangBuilder's database from before RBAC, with `sql` run by an SQLite that knows no limit. */
async function serve(sql: string): Promise<Client> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-large-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const first = await startSqld(directory)
  const writer = createClient({ url: first.url })
  await writer.executeMultiple(langbuilderSql({ origin: 'fresh', at: '3162e83e485f' }))
  await writer.executeMultiple(faultsSql(false))
  await first.stop()
  const file = createClient({ url: `file:${join(directory, 'sqld/dbs/default/data')}` })
  await file.executeMultiple(`${sql}; PRAGMA wal_checkpoint(TRUNCATE);`)
  file.close()
  const sqld = await startSqld(directory)
  onTestFinished(() => sqld.stop('SIGKILL'))
  return createClient({ url: sqld.url })
}

const grow = (id: string) =>
  `UPDATE flow SET data = '"' || replace(hex(zeroblob(3000000)), '0', 'x') || '"' WHERE id = '${id}'`

test('a flow of 6 MB does not stop adoption: its author keeps it by a grant, where it lies', async () => {
  const db = await serve(grow('0a'.repeat(16)))
  expect(await findObstacles(db, revisions)).toEqual([])
  for (const { sql } of findings.filter(({ name }) => name.startsWith('flows')))
    expect((await db.execute(sql)).rows).toHaveLength(1)
  await runInSlices(db, revisions.slice(1), 7)
  const { rows } =
    await db.execute(`SELECT p.name, r.name AS role FROM flow f JOIN folder p ON p.id = f.folder_id
    JOIN userroleassignment a ON a.scope_id = f.id AND a.user_id = f.user_id JOIN role r ON r.id = a.role_id
    WHERE f.id = '${'0a'.repeat(16)}' AND p.user_id <> f.user_id`)
  expect(rows).toEqual([expect.objectContaining({ name: 'Starter Project', role: 'Owner' })])
})

test('one whose ids would have to change is refused by name', async () => {
  const id = dash('1B'.repeat(16))
  const db = await serve(grow(id))
  expect(await findObstacles(db, revisions)).toEqual([
    { what: expect.stringContaining('too large'), rows: [`flow ${id} of 6000002 bytes`] },
  ])
})
