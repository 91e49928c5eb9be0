// The schema that a revision leaves behind, as the Worker carries it: what the revision changes of the one before. Said
// as a whole for each, the schemas weighed more than all statements.
import { type Column, type Index, nothing, type Schema, type Table } from './schema.ts'
import { squash } from './sql-text.ts'

/** What is not said is as it was, and of a new table: empty. */
export type TableChange = Partial<Omit<Table, 'columns' | 'indexes' | 'triggers'>> & {
  /** New ones, and those that are others now. */
  readonly columns?: Readonly<Record<string, Column>>
  readonly indexes?: readonly Index[]
  /** By name; the number of the statement that makes it. */
  readonly triggers?: Readonly<Record<string, number>>
  /** Names of columns, indexes and triggers. */
  readonly gone?: readonly string[]
}
/** By table; null where it is gone. */
export type Changes = Readonly<Record<string, TableChange | null>>

/** The schema after the statements that make these changes. */
export function change(before: Schema, changes: Changes, statements: readonly string[]): Schema {
  const after: Record<string, Table> = { ...before }
  for (const [name, changed] of Object.entries(changes)) {
    if (changed) after[name] = changeTable(before[name] ?? nothing, changed, statements)
    else delete after[name]
  }
  return after
}

function changeTable(
  before: Table,
  { columns = {}, indexes = [], triggers = {}, gone = [], ...members }: TableChange,
  statements: readonly string[],
): Table {
  const made = Object.entries(triggers).map(([name, at]) => ({
    name,
    body: bodyOf(statements[at] ?? ''),
  }))
  const kept = Object.entries(before.columns).filter(([name]) => !gone.includes(name))
  return {
    ...before,
    ...members,
    columns: { ...Object.fromEntries(kept), ...columns },
    indexes: merge(before.indexes, indexes, gone),
    triggers: merge(before.triggers, made, gone),
  }
}

function merge<T extends { name: string }>(
  before: readonly T[],
  made: readonly T[],
  gone: readonly string[],
): T[] {
  const isKept = ({ name }: T) => !gone.includes(name) && !made.some((one) => one.name === name)
  return [...before.filter(isKept), ...made].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A trigger as a database has it. */
export const bodyOf = (statement: string): string => squash(statement).replace(/;$/, '')
