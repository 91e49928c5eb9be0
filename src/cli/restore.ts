// `npm run db -- restore FILE`: what a backup holds, into an empty database, through its server. Where the server
// is one's own, placing the file into a fresh data folder is quicker and takes everything.
import { existsSync } from 'node:fs'
import type { Database } from '../db/client.ts'
import { type Command, fail } from './answers.ts'
import { withFile } from './backup.ts'
import { quote, toInserts } from './cells.ts'
import {
  isTable,
  isVirtual,
  openSnapshot,
  type SchemaObject,
  type Snapshot,
  withSnapshot,
} from './snapshot.ts'

const PROGRESS_MS = 2000

export const restore: Command = async ({ url, token, db, file, yes, progress }) => {
  if (!file || !existsSync(file)) return fail(`There is no file ${file ?? ''}.`)
  const there = await withSnapshot({ url, token }, async ({ objects }) =>
    objects.map((o) => o.name),
  )
  return withFile(file, async (source) => {
    const snapshot = await openSnapshot(async (statement) => (await source.execute(statement)).rows)
    const objects = snapshot.objects.filter(({ name }) => !name.startsWith('sqlite_'))
    const taken = objects.filter(({ name }) => there.includes(name)).map(({ name }) => name)
    const foreign = there.filter((name) => !name.startsWith('sqlite_'))
    if (taken.length > 0) return fail(`Nothing was written: ${list(taken)} exists there already.`)
    if (foreign.length > 0 && !yes)
      return fail(
        `Nothing was written: ${list(foreign)} is in the database; --yes leaves it there.`,
      )
    const strange = snapshot.objects.filter((object) => isVirtual(object) && !isIndexed(object))
    if (strange.length > 0)
      return fail(
        `Nothing was written: ${list(strange.map(({ name }) => name))} is a virtual table of a module that a server may not have. Place the file as dbs/default/data into a fresh data folder of sqld.`,
      )
    const tables = snapshot.tables.filter(({ name }) => !name.startsWith('sqlite_stat'))
    await send(db, { ...snapshot, objects, tables }, progress).catch((error: unknown) => {
      throw new Error('Broken off, begin again with an empty database', { cause: error })
    })
    const rows = await prove({ url, token }, tables)
    return {
      code: 0,
      report: { file, rows, tables: tables.length },
      lines: [`${file}: ${tables.length} tables, ${rows} rows are there.`],
    }
  })
}

/** Of the module that every server has, with all its rows in ordinary tables; or no more than a view of one. */
const isIndexed = ({ sql }: SchemaObject) =>
  /\sUSING\s+fts5\s*\(.*content\s*=\s*''|\sUSING\s+fts5vocab\s*\(/is.test(sql)

/** Tables that come with one of these. */
const shadowsOf = (objects: readonly SchemaObject[]) =>
  objects
    .filter(isVirtual)
    .flatMap(({ name }) => ['data', 'idx', 'docsize', 'config'].map((part) => `${name}_${part}`))

/** Rows before indexes and triggers; foreign keys are off, as the file need not keep them. */
async function send(db: Database, snapshot: Snapshot, progress: (line: string) => void) {
  const { objects, tables } = snapshot
  const shadows = shadowsOf(objects)
  const made = objects.filter((object) => isTable(object) && !shadows.includes(object.name))
  await db.migrate(made.map(({ sql }) => sql))
  let told = performance.now()
  for (const table of tables) {
    // SQLite's own table for AUTOINCREMENT filled itself, as did those of an index.
    if (table.name.startsWith('sqlite_') || shadows.includes(table.name))
      await db.migrate([`DELETE FROM ${quote(table.name)}`])
    let done = 0
    for await (const chunk of snapshot.read(table)) {
      await db.migrate(toInserts(table.name, table.columns, chunk))
      done += chunk.length
      if (performance.now() - told < PROGRESS_MS) continue
      told = performance.now()
      progress(`${table.name}: ${done} of ${table.rows} rows`)
    }
  }
  progress('indexes, views, triggers')
  for (const { sql } of objects.filter((object) => !isTable(object))) await db.migrate([sql])
}

async function prove(
  connection: { url: string; token?: string | undefined },
  expected: Snapshot['tables'],
): Promise<number> {
  return withSnapshot(connection, async ({ tables }) => {
    for (const { name, rows } of expected) {
      const found = tables.find((table) => table.name === name)?.rows
      if (found !== rows) throw new Error(`${name} has ${found} rows, not ${rows}: begin again`)
    }
    return expected.reduce((sum, { rows }) => sum + rows, 0)
  })
}

const list = (names: string[]) =>
  names.length > 5
    ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
    : names.join(', ')
