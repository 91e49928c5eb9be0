// Runs the revisions on a server of their own, the very sqld that databases live on, when the bundle is
// built: what each leaves behind is read from there, and what one takes away without saying so is refused.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../db/client.ts'
import { type Difference, nameOf } from '../migrate/difference.ts'
import { privateDefinitions } from '../migrate/guard.ts'
import { compareSchema } from '../migrate/proof.ts'
import {
  type Revision,
  type Revisions,
  readRevision,
  reasonsOf,
  unsaid,
} from '../migrate/revision.ts'
import { type Schema, schemaQueries, toSchema } from '../migrate/schema.ts'
import { privateTables } from '../migrate/tables.ts'
import { startSqld } from './sqld.ts'

export type RevisionFile = { readonly tag: string; readonly when: number; readonly text: string }

/**
 * Files, oldest first -> revisions with the schema that each leaves behind. Throws an Error that names the
 * file: for SQL that sqld does not take, for what is gone without a reason given in the file, and where
 * drizzle could not tell two apart.
 */
export async function buildRevisions(files: readonly RevisionFile[]): Promise<Revisions> {
  const [first, ...later] = await withServer((db) => rehearse(db, files))
  if (!first) throw new Error('There is no revision to build')
  return [first, ...later]
}

/** An object as `sqlite_master` has it. */
export type Definition = { type: string; name: string; tbl_name: string; sql: string }

/** The objects of a database that has these revisions, in an order in which they can be made. */
export function readDefinitions(revisions: readonly Revision[]): Promise<Definition[]> {
  return withServer(async (db) => {
    for (const revision of revisions) await db.migrate([...revision.statements])
    const [rows] = await rowsOf(db, [
      `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type <> 'table', type <> 'index', rowid`,
    ])
    return (rows ?? []).map(({ type, name, tbl_name, sql }) => ({
      type: String(type),
      name: String(name),
      tbl_name: String(tbl_name),
      sql: String(sql),
    }))
  })
}

/** Runs on an empty server that ends with the run. */
async function withServer<T>(run: (db: Database) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-rehearsal-'))
  const sqld = await startSqld(directory)
  try {
    return await run(openDatabase({ url: sqld.url }))
  } finally {
    await sqld.stop('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}

async function rehearse(db: Database, files: readonly RevisionFile[]): Promise<Revision[]> {
  await db.migrate(privateDefinitions)
  const revisions: Revision[] = []
  for (const { tag, when, text } of files) {
    const last = revisions.at(-1)
    if (last && Math.floor(when / 1000) <= Math.floor(last.when / 1000))
      throw new Error(
        `${tag}: its \`when\` in meta/_journal.json must be a second after ${last.tag}'s`,
      )
    const revision = readRevision(tag, text)
    const before = await readSchema(db)
    await db.migrate([...revision.statements]).catch((error: Error) => {
      throw new Error(`${tag}: ${error.message}`)
    })
    const after = await readSchema(db)
    const gone = compareSchema(before, after)
      .filter((difference) => !isSaid(difference, revision, reasonsOf(text)))
      .map((difference) => `${nameOf(difference)} is gone afterwards`)
    if (gone.length > 0) throw unsaid(tag, gone)
    const schema = withoutPrivate(after)
    const isSame = last && JSON.stringify(last.schema) === JSON.stringify(schema)
    revisions.push({ ...revision, when, schema: isSame ? last.schema : schema })
  }
  return revisions
}

/**
 * Whether the file gives a reason for it; without a plain index reads are only slow. The reason for rebuilding a
 * table is not a reason for the triggers that go with it unseen: those have to be dropped or named.
 */
function isSaid(
  difference: Difference,
  { destructive }: { destructive: readonly string[] },
  reasons: string[],
) {
  if (difference.kind !== 'missing' || difference.what === 'index') return true
  if (difference.what !== 'trigger') return reasons.length > 0
  const { trigger } = difference
  return (
    destructive.includes(`drops trigger ${trigger}`) ||
    reasons.some((reason) => reason.toLowerCase().includes(trigger))
  )
}

/** Everything that the database holds. */
async function readSchema(db: Database): Promise<Schema> {
  const [names] = await rowsOf(db, ['SELECT lower(name) AS name FROM sqlite_master'])
  const tables = (names ?? []).map((row) => String(row.name))
  return toSchema(await rowsOf(db, schemaQueries({ tables, objects: [] })))
}

async function rowsOf(db: Database, queries: string[]) {
  return (await db.snapshot(queries)).map((result) => {
    if ('error' in result) throw result.error
    return result.rows
  })
}

const withoutPrivate = (schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([table]) => !privateTables[table]))
