// Finds a way from a schema that matches no revision to one that does, by adding what is missing and
// nothing else. It is rehearsed in memory on the very schema that was found; what cannot be shown to
// work there is left to a person.
import type { Client } from '@libsql/client'
import type { Database } from '../db/client.ts'
import { holdsOnlyCopy } from '../migrate/leftovers.ts'
import type { Observed } from '../migrate/observe.ts'
import { isWork, type Plan, plan } from '../migrate/plan.ts'
import { compareSchema, type Difference } from '../migrate/proof.ts'
import { type Revision, squash } from '../migrate/revision.ts'
import type { Index, Schema } from '../migrate/schema.ts'
import { openMemory, readSchema } from './memory.ts'

type Seen = Extract<Observed, { kind: 'seen' }>
export type Broken = Extract<Plan, { kind: 'partial' | 'drifted' }>

export type Repair =
  | { kind: 'additive'; towards: string; statements: string[] }
  | { kind: 'person'; reasons: string[] }

export async function planRepair(
  db: Database,
  seen: Seen,
  broken: Broken,
  revisions: readonly Revision[],
): Promise<Repair> {
  const ddl = await readDefinitions(db)
  const reasons = new Set<string>()
  // A table built beside a leftover that holds its rows would hide them: rows first, and by a person.
  const isHidden = broken.differences.some(holdsOnlyCopy)
  for (const index of isHidden ? [] : listTargets(seen.schema, broken, revisions)) {
    const target = revisions[index] as Revision
    const differences = compareSchema(target.schema, seen.schema)
    const wanted = await buildDefinitions(revisions.slice(0, index + 1))
    const additions = differences.map((difference) => add(difference, target.schema, wanted))
    const statements = additions.flatMap((addition) => addition.statements)
    const obstacles = additions.flatMap((addition) => addition.reason ?? [])
    if (obstacles.length === 0) {
      const trouble = await rehearse(ddl, statements, seen, revisions)
      if (trouble === undefined) return { kind: 'additive', towards: target.tag, statements }
      obstacles.push(trouble)
    }
    for (const reason of obstacles) reasons.add(`towards ${target.tag}: ${reason}`)
  }
  for (const { object, found } of broken.differences.filter((d) => d.kind === 'unexpected'))
    reasons.add(`${object} is in the way${found ? ` (${found})` : ''}: rename it, or drop it`)
  return { kind: 'person', reasons: [...reasons] }
}

/**
 * Revisions that may be repaired towards. Without a ledger, only those that no data revision comes before:
 * a schema that looks as if one had run would be believed.
 */
function listTargets(schema: Schema, broken: Broken, revisions: readonly Revision[]): number[] {
  if (broken.kind === 'drifted') return [revisions.findIndex((r) => r.tag === broken.from)]
  const first = revisions.findLastIndex((r) => compareSchema(r.schema, schema).length === 0) + 1
  const data = revisions.findIndex((r, i) => i >= first && !isDefinition(r))
  const last = data === -1 ? revisions.length : data
  return Array.from({ length: last - first }, (_, i) => first + i)
}

const isDefinition = (revision: Revision) =>
  revision.statements.every((sql) => /^(CREATE|ALTER)\b/i.test(squash(sql)))

type Definition = { type: string; name: string; tbl_name: string; sql: string }
type Addition = { statements: string[]; reason?: string }

const definitions = `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL
  AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type <> 'table', type <> 'index', rowid`

async function readDefinitions(db: Database): Promise<Definition[]> {
  const [result] = await db.snapshot([definitions])
  if (!result || 'error' in result) throw result?.error
  return result.rows as unknown as Definition[]
}

async function buildDefinitions(revisions: readonly Revision[]): Promise<Definition[]> {
  const client = openMemory()
  await client.migrate(revisions.flatMap((revision) => [...revision.statements]))
  const { rows } = await client.execute(definitions)
  client.close()
  return rows as unknown as Definition[]
}

function add(difference: Difference, schema: Schema, wanted: Definition[]): Addition {
  const { kind, object } = difference
  if (kind !== 'missing')
    return { statements: [], reason: `${object} is ${kind}; only what is missing can be added` }
  const [what, name = ''] = object.split(/ (.*)/s)
  const find = (match: (d: Definition) => boolean) =>
    wanted.filter(match).map((definition) => definition.sql)
  if (what === 'table') return { statements: find((d) => d.tbl_name === name) }
  if (what === 'trigger')
    return { statements: find((d) => d.type === 'trigger' && d.name === name) }
  if (what === 'column') return addColumn(name, schema)
  const table = name.slice(0, name.indexOf('('))
  const index = schema[table]?.indexes.find((i) => name === `${table}(${i.columns.join(', ')})`)
  if (index && (what === 'index' || what === 'unique')) return { statements: find(isOf(index)) }
  return { statements: [], reason: `${object} cannot be added to a table that exists` }
}

const isOf = (index: Index) => (d: Definition) => d.type === 'index' && d.name === index.name

function addColumn(name: string, schema: Schema): Addition {
  const [table = '', column = ''] = name.split('.')
  const wanted = schema[table]?.columns[column]
  if (!wanted || (wanted.notNull && wanted.default === null))
    return { statements: [], reason: `column ${name} needs a value in every row` }
  const key = schema[table]?.foreignKeys.find((k) => k.columns.join() === column)
  const parts = [
    `ALTER TABLE "${table}" ADD COLUMN "${column}" ${wanted.type}`,
    wanted.notNull ? 'NOT NULL' : '',
    wanted.default === null ? '' : `DEFAULT ${wanted.default}`,
    key ? `REFERENCES "${key.table}" ("${key.references[0]}") ON DELETE ${key.onDelete}` : '',
  ]
  return { statements: [parts.filter((part) => part !== '').join(' ')] }
}

/** Runs the repair on an empty copy of the schema that was found; undefined where the engine would go on from there. */
async function rehearse(
  ddl: Definition[],
  statements: string[],
  seen: Seen,
  revisions: readonly Revision[],
): Promise<string | undefined> {
  const owned = new Set(revisions.flatMap((revision) => Object.keys(revision.schema)))
  const client: Client = openMemory()
  try {
    const copy = ddl.filter((d) => owned.has(d.tbl_name.toLowerCase())).map((d) => d.sql)
    await client.migrate([...copy, ...statements])
    const { lease: _, ...free } = seen
    const foreign = Object.entries(seen.schema).filter(([table]) => !owned.has(table))
    const schema = { ...Object.fromEntries(foreign), ...(await readSchema(client)) }
    const after = plan({ ...free, lease: undefined, schema }, revisions, '')
    if (isWork(after) || after.kind === 'at_head') return undefined
    return `the rehearsal ended in ${after.kind}`
  } catch (error) {
    return `the rehearsal failed: ${error instanceof Error ? error.message : error}`
  } finally {
    client.close()
  }
}
