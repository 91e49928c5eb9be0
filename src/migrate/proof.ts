// Proves what a database is: compares what a revision expects with what is there. Only owned objects
// count; foreign tables, more columns and more indexes are fine unless they would break our writes.
import type { Column, ForeignKey, Index, Schema, Table } from './schema.ts'

export type Difference = {
  readonly kind: 'missing' | 'different' | 'unexpected'
  /** `table role`, `column flow.locked`, `unique folder(user_id, name)` ... */
  readonly object: string
  readonly expected?: string
  readonly found?: string
}

/** Everything in which `found` falls short of `expected`; empty means proven. */
export function compareSchema(expected: Schema, found: Schema): Difference[] {
  return Object.entries(expected).flatMap(([name, table]) => {
    const real = found[name]
    if (!real) return [{ kind: 'missing' as const, object: `table ${name}` }]
    return compareTable(name, table, real)
  })
}

/**
 * What later revisions would trip over: objects and columns of `later` that `proven` does not know and
 * that are there all the same. Tables, indexes and triggers have names of their own wherever they hang.
 */
export function findEarly(later: Schema, proven: Schema, found: Schema): Difference[] {
  const known = namesOf(proven)
  const present = namesOf(found)
  const objects = [...namesOf(later)]
    .filter((object) => !known.has(object) && present.has(object))
    .map((object) => unexpected(object))
  const columns = Object.entries(later).flatMap(([name, table]) =>
    Object.keys(table.columns)
      .filter((column) => proven[name] && !proven[name].columns[column])
      .filter((column) => found[name]?.columns[column])
      .map((column) => unexpected(`column ${name}.${column}`)),
  )
  return [...objects, ...columns]
}

/** A plain index that is missing makes reads slow and nothing wrong. */
export function isOnlySlow(difference: Difference): boolean {
  return difference.kind === 'missing' && difference.object.startsWith('index ')
}

/** What a proof rests on, a line per table. */
export function listProof(expected: Schema): string[] {
  return Object.entries(expected).map(([name, table]) => {
    const counts = [
      [Object.keys(table.columns).length, 'columns'],
      [table.indexes.length, 'indexes'],
      [table.foreignKeys.length, 'foreign keys'],
      [table.triggers.length, 'triggers'],
    ] as const
    return `${name}: ${counts.map(([n, what]) => `${n} ${what}`).join(', ')}`
  })
}

function namesOf(schema: Schema): Set<string> {
  return new Set(
    Object.entries(schema).flatMap(([name, table]) => [
      `table ${name}`,
      ...table.indexes.map((index) => `index ${index.name}`),
      ...table.triggers.map((trigger) => `trigger ${trigger}`),
    ]),
  )
}

function compareTable(name: string, expected: Table, found: Table): Difference[] {
  return [
    ...Object.entries(expected.columns).flatMap(([column, want]) =>
      compareColumn(`column ${name}.${column}`, want, found.columns[column]),
    ),
    ...Object.entries(found.columns)
      .filter(([column, c]) => !expected.columns[column] && c.notNull && c.default === null)
      .map(([column]) => unexpected(`column ${name}.${column}`, 'NOT NULL without a default')),
    ...(sameList(expected.primaryKey, found.primaryKey)
      ? []
      : [different(`primary key ${name}`, list(expected.primaryKey), list(found.primaryKey))]),
    ...expected.indexes
      .filter((index) => !isEnforced(index, found))
      .map((index) =>
        missing(`${index.unique ? 'unique' : 'index'} ${name}${list(index.columns)}`, index.where),
      ),
    ...expected.foreignKeys
      .filter((key) => !found.foreignKeys.some((other) => describeKey(other) === describeKey(key)))
      .map((key) => missing(`foreign key ${name}${describeKey(key)}`)),
    ...expected.triggers
      .filter((trigger) => !found.triggers.includes(trigger))
      .map((trigger) => missing(`trigger ${trigger}`)),
  ]
}

/** Declared types may differ while values survive unchanged; a default missing in `found` is harmless, for our inserts name every column. */
function compareColumn(object: string, expected: Column, found: Column | undefined): Difference[] {
  if (!found) return [{ kind: 'missing', object }]
  const differences: Difference[] = []
  if (!isInterchangeable(expected, found))
    differences.push(different(object, expected.type, found.type))
  if (expected.notNull !== found.notNull)
    differences.push(different(object, nullability(expected), nullability(found)))
  if (expected.default !== null && found.default !== null && expected.default !== found.default)
    differences.push(different(object, `DEFAULT ${expected.default}`, `DEFAULT ${found.default}`))
  return differences
}

/** Text in a NUMERIC column stays text unless it looks like a number: dates and JSON documents do not, 0 and 1 are the same in both. */
function isInterchangeable(expected: Column, found: Column): boolean {
  if (expected.affinity === found.affinity) return true
  const text = /^(DATE|TIME|JSON)/.test(expected.type)
  if (text)
    return found.affinity === 'TEXT' || found.affinity === 'NUMERIC' || found.affinity === 'BLOB'
  const number = expected.affinity === 'INTEGER' || expected.type === 'BOOLEAN'
  return number && (found.affinity === 'INTEGER' || found.affinity === 'NUMERIC')
}

function isEnforced(index: Index, found: Table): boolean {
  const byPrimaryKey = index.unique && !index.where && sameSet(index.columns, found.primaryKey)
  return (
    byPrimaryKey ||
    found.indexes.some((other) =>
      index.unique
        ? other.unique && other.where === index.where && sameSet(other.columns, index.columns)
        : other.where === index.where && sameList(other.columns, index.columns),
    )
  )
}

const sameList = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n')
const sameSet = (a: readonly string[], b: readonly string[]) =>
  sameList([...a].sort(), [...b].sort())
const list = (names: readonly string[]) => `(${names.join(', ')})`
const nullability = (column: Column) => (column.notNull ? 'NOT NULL' : 'NULL')
const describeKey = (key: ForeignKey) =>
  `${list(key.columns)} -> ${key.table}${list(key.references)} on delete ${key.onDelete.toLowerCase()}`

const missing = (object: string, where?: string | null): Difference =>
  where ? { kind: 'missing', object, expected: `where ${where}` } : { kind: 'missing', object }
const different = (object: string, expected: string, found: string): Difference => ({
  kind: 'different',
  object,
  expected,
  found,
})
const unexpected = (object: string, found?: string): Difference =>
  found === undefined ? { kind: 'unexpected', object } : { kind: 'unexpected', object, found }
