// What a PATCH does to a group: its name, and who joins and leaves it. Who is in it need not be read for that. Pure.
import * as v from 'valibot'
import { Uuid } from '../fields.ts'
import { parse } from '../params.ts'
import { groupAttributes, isObject, listOfValues, type Raw, spelledValue } from './attributes.ts'
import { GroupName, MAX_MEMBERS, Members, type Operation } from './params.ts'
import { apply, type Step, stepsOf } from './patch.ts'
import { Refusal } from './protocol.ts'

/** Who is in a group afterwards: those who are in it, or nobody; without those who leave, and with those who join. */
export type Roster = {
  readonly keeps: boolean
  readonly joins: ReadonlySet<string>
  readonly leaves: ReadonlySet<string>
}
export const unchanged: Roster = { keeps: true, joins: new Set(), leaves: new Set() }
export const exactly = (ids: readonly string[]): Roster => ({
  keeps: false,
  joins: new Set(ids),
  leaves: new Set(),
})

export type GroupChange = {
  readonly displayName: string
  readonly externalId: string | null
  readonly roster: Roster
}

/** What these operations make of a group of this name. Throws what a body of a group would, and 400 for too many members. */
export function patchedGroup(
  known: { displayName: string; externalId: string | null },
  operations: readonly Operation[],
): GroupChange {
  const raw: Raw = { ...known }
  let roster = unchanged
  for (const operation of operations)
    for (const step of stepsOf(groupAttributes, operation))
      if (step.attribute.name === 'members') roster = changedRoster(roster, step)
      else apply(raw, step)
  if (roster.joins.size + roster.leaves.size > MAX_MEMBERS)
    throw new Refusal('invalidValue', `One request changes at most ${MAX_MEMBERS} members`)
  const { displayName, externalId } = parse(GroupName, raw, 'body')
  return { displayName, externalId: externalId || null, roster }
}

function changedRoster(roster: Roster, step: Step): Roster {
  const { op, path, value } = step
  if (path.sub && path.sub !== 'value')
    throw new Refusal('invalidPath', 'Of a member nothing is changed but whether they are one')
  const { joins, leaves } = roster
  if (op === 'remove') {
    const isAll = path.filter.length === 0 && (value === undefined || value === null)
    if (isAll) return exactly([])
    const gone = path.filter.length > 0 ? chosen(step) : idsThatMayBe(value)
    return {
      ...roster,
      joins: new Set([...joins].filter((id) => !gone.includes(id))),
      leaves: new Set([...leaves, ...gone]),
    }
  }
  if (path.filter.length > 0) throw new Refusal('invalidPath', `${op} of members takes no filter`)
  const given = idsIn(step)
  if (op === 'replace') return exactly(given)
  return {
    ...roster,
    joins: new Set([...joins, ...given]),
    leaves: new Set([...leaves].filter((id) => !given.includes(id))),
  }
}

/** Members who join must be somebody. */
const idsIn = ({ attribute, value }: Step): string[] =>
  parse(Members, spelledValue(attribute, value), ['body', 'members']).map(({ value }) => value)

/** Whoever is no id is in no group, and leaves none. */
const idsThatMayBe = (value: unknown): string[] =>
  listOfValues(value).flatMap((one) => toId(isObject(one) ? one.value : one) ?? [])

function chosen({ path }: Step): string[] {
  const [term, ...more] = path.filter
  if (!term || more.length > 0 || term.path.attribute !== 'value')
    throw new Refusal('invalidPath', 'Members are chosen by members[value eq "<id>"]')
  return toId(term.value) ?? []
}

/** 32 hex digits as a list of one; undefined for what is no id. */
export function toId(value: unknown): [string] | undefined {
  const read = v.safeParse(Uuid, value)
  return read.success ? [read.output] : undefined
}
