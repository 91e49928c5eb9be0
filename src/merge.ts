// A JSON object that comes with a merge patch: it is merged into the one that is stored, where that is, by the
// database. What both have together is bounded like what comes alone.
import * as v from 'valibot'
import { json } from './containers.ts'
import { fitsInto, merged } from './db/merge.ts'
import { type SQL, sql } from './db/sql.ts'
import type { ApiError } from './errors.ts'
import { Graph } from './graph.ts'
import { invalid } from './params.ts'

/** Members that one merge may name: the database looks each of them up among those that are there. */
const MAX_MEMBERS = 100

/** The object as text, and what it says of the outermost members. */
export class MergePatch {
  readonly text: string
  readonly given: ReadonlySet<string>
  readonly removed: ReadonlySet<string>

  constructor(value: Record<string, unknown>) {
    const keys = Object.keys(value)
    this.text = JSON.stringify(value)
    this.given = new Set(keys.filter((key) => value[key] !== null))
    this.removed = new Set(keys.filter((key) => value[key] === null))
  }
}

/** A JSON object of at most `max` characters -> what is to be merged. */
export const mergedInto = (max: number) =>
  v.pipe(
    json(max),
    v.check(
      (value) => countMembers(value) <= MAX_MEMBERS,
      `A merge should name at most ${MAX_MEMBERS} members: send the whole object as application/json`,
    ),
    v.transform((value) => new MergePatch(value)),
  )

/** Lists are replaced, so that nothing in them is looked up. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 0
  return Object.values(value).reduce<number>((sum, one) => sum + 1 + countMembers(one), 0)
}

/** SQL: what the column holds from now on, as JSON text. */
export const written = (column: SQL, value: object): SQL =>
  value instanceof MergePatch
    ? merged(column, value.text)
    : sql`${value instanceof Graph ? value.text : JSON.stringify(value)}`

/** SQL boolean: the value has at most `max` bytes together with what it is merged into. */
export const mayMerge = (column: SQL, value: object | null | undefined, max: number): SQL =>
  value instanceof MergePatch ? fitsInto(column, value.text, max) : sql`1`

/** The 422 where it may not. */
export const tooLargeToMerge = (field: string, max: number): ApiError =>
  invalid([
    {
      type: 'value_error',
      loc: ['body', field],
      msg: `With what is there it would have more than ${max} characters: send the whole object as application/json`,
    },
  ])
