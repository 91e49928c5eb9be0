// Finds a way from a schema that matches no revision to one that does, by adding what is missing, and puts
// back triggers that were altered; nothing else. It is rehearsed on the database itself, in a transaction that
// is undone; what cannot be shown to work there is left to a person.
import type { Database } from '../db/client.ts'
import { type Difference, holdsOnlyCopy, nameOf } from '../migrate/difference.ts'
import type { Seen } from '../migrate/observe.ts'
import { isWork, type Plan, plan } from '../migrate/plan.ts'
import { compareSchema } from '../migrate/proof.ts'
import { ownedBy, type Revision, type Revisions } from '../migrate/revision.ts'
import { type Schema, schemaQueries, toSchema } from '../migrate/schema.ts'
import { squash } from '../migrate/sql-text.ts'
import { privateTables } from '../migrate/tables.ts'
import { type Definition, readDefinitions } from './rehearsal.ts'

export type Broken = Extract<Plan, { kind: 'partial' | 'drifted' }>

export type Additions =
  | { kind: 'additive'; towards: string; statements: string[] }
  | { kind: 'person'; reasons: string[] }

export async function planAdditions(
  db: Database,
  seen: Seen,
  broken: Broken,
  revisions: Revisions,
): Promise<Additions> {
  const reasons = new Set<string>()
  // A table built beside a leftover that holds its rows would hide them: rows first, and by a person.
  const isHidden = broken.differences.some(holdsOnlyCopy)
  for (const index of isHidden ? [] : listTargets(seen.schema, broken, revisions)) {
    const upTo = revisions.slice(0, index + 1)
    const target = upTo.at(-1) ?? revisions[0]
    const differences = compareSchema(target.schema, seen.schema)
    const wanted = await readDefinitions(upTo)
    const additions = differences.map((difference) => add(difference, target.schema, wanted))
    const statements = additions.flatMap((addition) => addition.statements)
    const obstacles = additions.flatMap((addition) => addition.reason ?? [])
    if (obstacles.length === 0) {
      const trouble = await rehearse(db, statements, seen, revisions)
      if (trouble === undefined) return { kind: 'additive', towards: target.tag, statements }
      obstacles.push(trouble)
    }
    for (const reason of obstacles) reasons.add(`towards ${target.tag}: ${reason}`)
  }
  for (const difference of broken.differences) {
    const { kind, found } = difference
    if (difference.what === 'rows') reasons.add(`${difference.wrong}: ${found}`)
    else if (kind === 'unexpected')
      reasons.add(
        `${nameOf(difference)} is in the way${found ? ` (${found})` : ''}: rename it, or drop it`,
      )
  }
  return { kind: 'person', reasons: [...reasons] }
}

/**
 * Revisions that may be repaired towards. Without a ledger, only those that no data revision comes before:
 * a schema that looks as if one had run would be believed.
 */
function listTargets(schema: Schema, broken: Broken, revisions: Revisions): number[] {
  if (broken.differences.some(({ what }) => what === 'rows')) return []
  if (broken.kind === 'drifted') return [revisions.findIndex((r) => r.tag === broken.from)]
  const first = revisions.findLastIndex((r) => compareSchema(r.schema, schema).length === 0) + 1
  const data = revisions.findIndex((r, i) => i >= first && !isDefinition(r))
  const last = data === -1 ? revisions.length : data
  return Array.from({ length: last - first }, (_, i) => first + i)
}

const isDefinition = (revision: Revision) =>
  revision.statements.every((sql) => /^(CREATE|ALTER)\b/i.test(squash(sql)))

type Addition = { statements: string[]; reason?: string }

function add(difference: Difference, schema: Schema, wanted: Definition[]): Addition {
  const find = (match: (d: Definition) => boolean) =>
    wanted.filter(match).map((definition) => definition.sql)
  if (difference.what === 'trigger') {
    const { trigger } = difference
    const made = find((d) => d.type === 'trigger' && d.name === trigger)
    const isAltered = difference.kind === 'different'
    return { statements: isAltered ? [`DROP TRIGGER "${trigger}"`, ...made] : made }
  }
  if (difference.kind !== 'missing') {
    const { kind } = difference
    const reason = `${nameOf(difference)} is ${kind}; only what is missing can be added`
    return { statements: [], reason }
  }
  switch (difference.what) {
    case 'table':
      return { statements: find((d) => d.tbl_name === difference.table) }
    case 'column':
      return addColumn(difference.table, difference.column, schema)
    case 'index':
    case 'unique': {
      const statements = find((d) => d.type === 'index' && d.name === difference.index.name)
      if (statements.length > 0) return { statements }
    }
  }
  return {
    statements: [],
    reason: `${nameOf(difference)} cannot be added to a table that exists`,
  }
}

function addColumn(table: string, column: string, schema: Schema): Addition {
  const wanted = schema[table]?.columns[column]
  if (!wanted || (wanted.notNull && wanted.default === null))
    return { statements: [], reason: `column ${table}.${column} needs a value in every row` }
  const key = schema[table]?.foreignKeys.find((k) => k.columns.join() === column)
  const parts = [
    `ALTER TABLE "${table}" ADD COLUMN "${column}" ${wanted.type}`,
    wanted.notNull ? 'NOT NULL' : '',
    wanted.default === null ? '' : `DEFAULT ${wanted.default}`,
    key ? `REFERENCES "${key.table}" ("${key.references[0]}") ON DELETE ${key.onDelete}` : '',
  ]
  return { statements: [parts.filter((part) => part !== '').join(' ')] }
}

/** Runs the repair on the rows that are there, and undoes it; undefined where the engine would go on from its end. */
async function rehearse(
  db: Database,
  statements: string[],
  seen: Seen,
  revisions: Revisions,
): Promise<string | undefined> {
  try {
    const owned = ownedBy(revisions)
    const tables = [...owned.tables, ...Object.keys(privateTables)]
    const rows = await db.rehearse(statements, schemaQueries({ ...owned, tables }))
    // Leftovers and what hangs on foreign tables are as they were.
    const schema = { ...seen.schema, ...toSchema(rows) }
    const after = plan({ ...seen, lease: undefined, schema }, revisions, '')
    if (isWork(after) || after.kind === 'at_head') return undefined
    return `the rehearsal ended in ${after.kind}`
  } catch (error) {
    return `the rehearsal failed: ${error instanceof Error ? error.message : error}`
  }
}
