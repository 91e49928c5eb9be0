// What the audit keeps of a changed flow: who reaches it and what it is called, before and after, and of
// its graph that it changed. Contents stay where they are.
import { type Author, columns, record, recorded } from '../access/audit.ts'
import { type SQL, sql } from '../db/sql.ts'
import type { FlowUpdate } from './params.ts'

const names = ['folder_id', 'access_type', 'name', 'endpoint_name'] as const

/**
 * The audit row of the flow, if the change is permitted and any of this changes. A graph that is
 * given counts as changed: to compare it, it would have to be sent a second time, and it may be large.
 */
export function recordUpdate(author: Author, id: string, input: FlowUpdate, permitted: SQL): SQL {
  const after = names.map((name) => ({ name, value: newValue(input, name) }))
  const differs = after.map(({ name, value }) => sql`f.${sql.raw(name)} IS NOT ${value}`)
  const hasGraph = input.data !== undefined
  const told = [
    ...after.map(({ name, value }) => sql`${name}, ${recorded(value)}`),
    ...(hasGraph ? [sql`'data', 'changed'`] : []),
  ]
  return record(
    author,
    'flow.update',
    {
      id: sql`f.id`,
      before: columns(sql`f`, names),
      after: sql`json_object(${sql.join(told, sql`, `)})`,
    },
    // One after the other: to compare comes first in SQLite's order, and reads through a graph that may be hidden.
    sql`FROM flow f WHERE f.id = ${id} AND CASE WHEN ${permitted} THEN ${hasGraph} OR ${sql.join(differs, sql` OR `)} END`,
  )
}

function newValue(input: FlowUpdate, name: (typeof names)[number]): SQL {
  const value = input[name]
  return value === undefined ? sql`f.${sql.raw(name)}` : sql`${value}`
}
