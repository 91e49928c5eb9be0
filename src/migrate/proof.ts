// Proves what a database is: compares what a revision expects with what is there. Only owned objects
// count; foreign tables, more columns, indexes and checks are fine unless they would break our writes.
import { type Difference, describeKey, list, type Subject } from './difference.ts'
import { type Column, type Index, isGenerated, type Schema, type Table } from './schema.ts'

/** Everything in which `found` falls short of `expected`; empty means proven. */
export function compareSchema(expected: Schema, found: Schema): Difference[] {
  return Object.entries(expected).flatMap(([name, table]) => {
    const real = found[name]
    if (!real) return [missing({ what: 'table', table: name })]
    // Of something that is not a table of the kind we write to, nothing else needs to be said.
    if (real.form !== table.form)
      return [different({ what: 'table', table: name }, formOf(table), formOf(real))]
    if (table.definition !== real.definition)
      return [
        different({ what: 'table', table: name }, table.definition ?? '', real.definition ?? ''),
      ]
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
    .filter(([key]) => !known.has(key) && present.has(key))
    .map(([, name]): Difference => ({ kind: 'unexpected', what: 'name', name }))
  const columns = Object.entries(later).flatMap(([table, { columns }]) =>
    Object.keys(columns)
      .filter((column) => proven[table] && !proven[table].columns[column])
      .filter((column) => found[table]?.columns[column])
      .map((column): Difference => ({ kind: 'unexpected', what: 'column', table, column })),
  )
  return [...objects, ...columns]
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

/** By name as SQLite keeps them apart (tables, views and indexes share theirs), with what to call each. */
function namesOf(schema: Schema): Map<string, string> {
  return new Map(
    Object.entries(schema).flatMap(([name, table]): [string, string][] => [
      [name, `table ${name}`],
      ...table.indexes.map((index): [string, string] => [index.name, `index ${index.name}`]),
      ...table.triggers.map((t): [string, string] => [`trigger ${t.name}`, `trigger ${t.name}`]),
    ]),
  )
}

function compareTable(table: string, expected: Table, found: Table): Difference[] {
  return [
    ...Object.entries(expected.columns).flatMap(([column, want]) =>
      compareColumn({ what: 'column', table, column }, want, found.columns[column]),
    ),
    ...Object.entries(found.columns)
      .filter(([column, c]) => !expected.columns[column] && c.notNull && c.default === null)
      .map(([column]) =>
        unexpected({ what: 'column', table, column }, 'NOT NULL without a default'),
      ),
    ...(sameList(expected.primaryKey, found.primaryKey)
      ? []
      : [
          different(
            { what: 'primary key', table },
            list(expected.primaryKey),
            list(found.primaryKey),
          ),
        ]),
    ...compareConstraints(table, expected, found),
    ...expected.triggers.flatMap((trigger) => {
      const real = found.triggers.find(({ name }) => name === trigger.name)
      const subject = { what: 'trigger', table, trigger: trigger.name } as const
      if (!real) return [missing(subject)]
      return real.body === trigger.body ? [] : [different(subject, trigger.body, real.body)]
    }),
  ]
}

function compareConstraints(table: string, expected: Table, found: Table): Difference[] {
  return [
    ...expected.indexes
      .filter((index) => !isEnforced(index, found))
      .map((index) => missing({ what: index.unique ? 'unique' : 'index', table, index }, index)),
    ...expected.foreignKeys
      .filter((key) => !found.foreignKeys.some((other) => describeKey(other) === describeKey(key)))
      .map((key) => missing({ what: 'foreign key', table, key })),
    ...expected.checks
      .filter((condition) => !found.checks.includes(condition))
      .map((condition) => missing({ what: 'check', table, condition })),
    ...found.conflicts
      .filter((clause) => !expected.conflicts.includes(clause))
      .map((clause) => unexpected({ what: 'conflict clause', table, clause })),
  ]
}

/** Declared types may differ while values survive unchanged; a default missing in `found` is harmless, for our inserts name every column. */
function compareColumn(
  subject: Subject,
  expected: Column,
  found: Column | undefined,
): Difference[] {
  if (!found) return [missing(subject)]
  const differences: Difference[] = []
  if (!isInterchangeable(expected, found))
    differences.push(different(subject, expected.type, found.type))
  if (expected.notNull !== found.notNull)
    differences.push(different(subject, nullability(expected), nullability(found)))
  if (expected.default !== null && found.default !== null && expected.default !== found.default)
    differences.push(different(subject, `DEFAULT ${expected.default}`, `DEFAULT ${found.default}`))
  return differences
}

/** Text in a NUMERIC column stays text unless it looks like a number: dates and JSON documents do not, 0 and 1 are the same in both. */
function isInterchangeable(expected: Column, found: Column): boolean {
  if (isGenerated(expected) !== isGenerated(found)) return false
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
const nullability = (column: Column) => (column.notNull ? 'NOT NULL' : 'NULL')
const formOf = (table: Table) => table.form ?? 'an ordinary table'

const missing = (subject: Subject, index?: Index): Difference =>
  index?.where
    ? { ...subject, kind: 'missing', expected: `where ${index.where}` }
    : { ...subject, kind: 'missing' }
const different = (subject: Subject, expected: string, found: string): Difference => ({
  ...subject,
  kind: 'different',
  expected,
  found,
})
const unexpected = (subject: Subject, found?: string): Difference =>
  found === undefined
    ? { ...subject, kind: 'unexpected' }
    : { ...subject, kind: 'unexpected', found }
