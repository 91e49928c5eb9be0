// `npm run db -- backup FILE`: a plain SQLite file with everything that the database holds at one moment,
// made through the server, while others read and write.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Client } from '@libsql/client'
import { type Command, fail } from './answers.ts'
import { quote, toInserts } from './cells.ts'
import { isTable, isVirtual, type Snapshot, withSnapshot } from './snapshot.ts'

const PROGRESS_MS = 2000

export const backup: Command = async ({ url, token, file, yes, progress }) => {
  if (!file) return fail('Say where to: backup FILE.')
  const target = resolve(file)
  if (!existsSync(dirname(target))) return fail(`There is no folder ${dirname(target)}.`)
  if (existsSync(target) && !yes)
    return fail(`${file} is there already. Nothing was written; --yes replaces it.`)
  const part = `${target}.part`
  try {
    const tables = await withSnapshot({ url, token }, (snapshot) => write(snapshot, part, progress))
    settle(part, target)
    const rows = Object.values(tables).reduce((sum, n) => sum + n, 0)
    return {
      code: 0,
      report: { file: target, tables, rows },
      lines: [`${file}: ${Object.keys(tables).length} tables, ${rows} rows, checked.`],
    }
  } catch (error) {
    discard(part)
    throw new Error('No backup was made', { cause: error })
  }
}

/** Fills the file and proves it; rows by table. */
async function write(
  snapshot: Snapshot,
  path: string,
  progress: (line: string) => void,
): Promise<Record<string, number>> {
  const { objects, tables, settings } = snapshot
  discard(path)
  // Whoever may read it has every password hash.
  closeSync(openSync(path, 'wx', 0o600))
  const virtual = objects.filter(isVirtual)
  const own = objects.filter((object) => !isVirtual(object) && !object.name.startsWith('sqlite_'))
  await withFile(path, async (db) => {
    for (const [name, value] of Object.entries(settings))
      await db.execute(`PRAGMA ${name} = ${typeof value === 'number' ? value : `'${value}'`}`)
    // It is made anew if anything fails, and not named a backup before it is safe on the disk.
    for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'foreign_keys = OFF'])
      await db.execute(`PRAGMA ${pragma}`)
    for (const { sql } of own.filter(isTable)) await db.execute(sql)
    await makeInternal(db, tables)
    let told = 0
    for (const table of tables) {
      let done = 0
      await db.execute(`DELETE FROM ${quote(table.name)}`)
      for await (const chunk of snapshot.read(table)) {
        await db.batch(toInserts(table.name, table.columns, chunk), 'write')
        done += chunk.length
        if (performance.now() - told < PROGRESS_MS) continue
        told = performance.now()
        progress(`${table.name}: ${done} of ${table.rows} rows`)
      }
    }
    progress('indexes, views, triggers')
    for (const { sql } of own.filter((object) => !isTable(object))) await db.execute(sql)
    await db.execute('PRAGMA writable_schema = ON')
    // Their rows are in tables that were copied, and their module may be missing here.
    for (const { name, sql } of virtual)
      await db.execute({
        sql: `INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', ?1, ?1, 0, ?2)`,
        args: [name, sql],
      })
    await db.execute('PRAGMA writable_schema = OFF')
  })
  progress('checking')
  return prove(snapshot, path)
}

/** Tables that SQLite alone may make: for AUTOINCREMENT, and the planner's statistics. */
async function makeInternal(db: Client, tables: Snapshot['tables']): Promise<void> {
  const has = (name: string) => tables.some((table) => table.name.startsWith(name))
  if (has('sqlite_sequence'))
    await db.executeMultiple(
      'CREATE TABLE flowgate_made (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE flowgate_made',
    )
  if (has('sqlite_stat')) await db.execute('ANALYZE sqlite_schema')
}

/** Throws unless the file is sound and holds as many rows and objects as the database did. */
async function prove({ tables, objects }: Snapshot, path: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  await withFile(path, async (db) => {
    const one = async (sql: string) => (await db.execute(sql)).rows[0]?.[0]
    const sound = await one('PRAGMA integrity_check')
    if (sound !== 'ok') throw new Error(`the file is not sound: ${sound}`)
    const made = await one('SELECT count(*) FROM sqlite_master WHERE sql IS NOT NULL')
    if (Number(made) !== objects.length)
      throw new Error(`${made} of ${objects.length} tables, indexes, views and triggers were made`)
    for (const { name, rows } of tables) {
      const copied = await one(`SELECT count(*) FROM ${quote(name)}`)
      if (Number(copied) !== rows)
        throw new Error(`${copied} of ${rows} rows of ${name} were copied`)
      counts[name] = rows
    }
  })
  return counts
}

export async function withFile<T>(path: string, use: (db: Client) => Promise<T>): Promise<T> {
  // Only here: the other commands need nothing that is built for this machine.
  const { createClient } = await import('@libsql/client').catch((error: unknown) => {
    const name = `@libsql/${process.platform}-${process.arch}`
    throw new Error(
      `the native part of libSQL is missing (a package named ${name}...): run \`npm ci\``,
      {
        cause: error,
      },
    )
  })
  const db = createClient({ url: `file:${path}`, intMode: 'bigint' })
  try {
    return await use(db)
  } finally {
    db.close()
  }
}

/** On the disk under its name, or not at all. */
function settle(part: string, target: string): void {
  sync(part)
  renameSync(part, target)
  sync(dirname(target))
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function discard(part: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${part}${suffix}`, { force: true })
}
