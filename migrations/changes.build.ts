// What a revision changes of the schema before it, for `change` in src/migrate/changes.ts to do again.
import { isDeepStrictEqual } from 'node:util'
import { bodyOf, type Changes, change, type TableChange } from '../src/migrate/changes.ts'
import type { Schema, Table } from '../src/migrate/schema.ts'

/** Throws where `change` would make another schema of it. */
export function findChanges(before: Schema, after: Schema, statements: readonly string[]): Changes {
  const gone = Object.keys(before).filter((name) => !after[name])
  const changed = Object.entries(after).filter(
    ([name, table]) => !isDeepStrictEqual(table, before[name]),
  )
  const changes: Changes = Object.fromEntries([
    ...changed.map(([name, table]) => [name, tableChange(before[name], table, statements)]),
    ...gone.map((name) => [name, null]),
  ])
  if (!isDeepStrictEqual(sorted(change(before, changes, statements)), sorted(after)))
    throw new Error('The changes of a revision do not make its schema: mend changes.build.ts')
  return changes
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
const sorted = (schema: Schema): Schema =>
  Object.fromEntries(
    Object.entries(schema).map(([name, table]) => [
      name,
      {
        ...table,
        indexes: table.indexes.toSorted(byName),
        triggers: table.triggers.toSorted(byName),
      },
    ]),
  )

function tableChange(
  before: Table | undefined,
  { columns, indexes, triggers, ...members }: Table,
  statements: readonly string[],
): TableChange {
  const isNew = <T extends { name: string }>(one: T, old: readonly T[] = []) =>
    !old.some((other) => isDeepStrictEqual(other, one))
  const had = before as Record<string, unknown> | undefined // to compare member by member
  const bodies = statements.map(bodyOf)
  return {
    ...Object.fromEntries(
      Object.entries(members).filter(
        ([name, value]) => !isDeepStrictEqual(value, had?.[name] ?? []),
      ),
    ),
    ...filled({
      columns: Object.fromEntries(
        Object.entries(columns).filter(
          ([name, column]) => !isDeepStrictEqual(column, before?.columns[name]),
        ),
      ),
      indexes: indexes.filter((index) => isNew(index, before?.indexes)),
      triggers: Object.fromEntries(
        triggers
          .filter((trigger) => isNew(trigger, before?.triggers))
          .map(({ name, body }) => [name, bodies.indexOf(body)]),
      ),
      gone: goneOf(before, { columns, indexes, triggers }),
    }),
  }
}

function goneOf(before: Table | undefined, after: Pick<Table, 'columns' | 'indexes' | 'triggers'>) {
  const namesOf = ({ columns, indexes, triggers }: typeof after) => [
    ...Object.keys(columns),
    ...[...indexes, ...triggers].map(({ name }) => name),
  ]
  return before ? namesOf(before).filter((name) => !namesOf(after).includes(name)) : []
}

/** Without what is empty. */
const filled = (change: Required<Pick<TableChange, 'columns' | 'indexes' | 'triggers' | 'gone'>>) =>
  Object.fromEntries(Object.entries(change).filter(([, some]) => Object.keys(some).length > 0))
