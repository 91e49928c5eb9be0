// Filters as conditions in SQL: what may be asked of users and of groups.
import { type SQL, sql } from '../db/sql.ts'
import { keyOfTyped } from '../names.ts'
import { externalIdOfTeam, externalNameOf, isProvisioned } from './directory.ts'
import { type Comparison, type Path, parseFilter } from './filter.ts'
import type { Page } from './params.ts'
import { MAX_COUNT } from './params.ts'
import { Refusal } from './protocol.ts'
import { toId } from './roster.ts'

type Conditions = Record<string, (value: string | boolean, path: Path) => SQL | undefined>

const nowhere = sql`0`
const idOf = (value: unknown) => toId(value)?.[0] ?? null
const text = (value: unknown) => (typeof value === 'string' ? value : null)

/** Over `u` and `b`. Of mail addresses the profiles of all are read. */
const ofUsers: Conditions = {
  id: (value) => sql`u.id = ${idOf(value)}`,
  username: (value) =>
    sql`(u.username = ${text(value)} OR u.username_key = ${keyOfTyped(String(value)) ?? null})`,
  externalid: (value) => sql`(b.subject = ${text(value)} AND b.subject <> u.id)`,
  displayname: (value) => sql`lower(b.profile ->> '$.displayName') = lower(${text(value)})`,
  active: (value) =>
    typeof value === 'boolean' ? sql`(u.is_active IS ${Number(value)})` : undefined,
  emails: (value, { filter, sub }) => {
    const [kind, ...more] = filter
    const isKnown = (!kind || kind.path.attribute === 'type') && more.length === 0
    if (!isKnown || (sub !== undefined && sub !== 'value')) return undefined
    const isOfKind = kind ? sql`lower(e.value ->> '$.type') = lower(${text(kind.value)})` : sql`1`
    return sql`EXISTS (SELECT 1 FROM json_each(b.profile, '$.emails') e
      WHERE lower(e.value ->> '$.value') = lower(${text(value)}) AND ${isOfKind})`
  },
}

/** Over `t`. */
const ofGroups: Conditions = {
  id: (value) => sql`t.id = ${idOf(value)}`,
  displayname: (value) => sql`t.name_key = ${keyOfTyped(String(value)) ?? null}`,
  externalid: (value) =>
    typeof value === 'string'
      ? sql`(t.external_name = ${externalNameOf(value)} AND ${externalIdOfTeam} <> t.id)`
      : nowhere,
  members: (value, { sub }) =>
    sub === undefined || sub === 'value'
      ? sql`EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.team_id = t.id AND m.user_id = ${idOf(value)} AND ${isProvisioned(sql`m.user_id`)})`
      : undefined,
}

/** The page that is asked for, of users or of groups. Throws `invalidFilter` with what may be asked. */
export const pageOfUsers = (page: Page) => pageOf(page, ofUsers)
export const pageOfGroups = (page: Page) => pageOf(page, ofGroups)

/** A first one below 1 is the first, and fewer than none are none, as the standard has it. */
function pageOf({ filter, startIndex, count }: Page, known: Conditions) {
  return {
    where: filter === undefined ? sql`1` : conditionOf(filter, known),
    offset: Math.max(startIndex, 1) - 1,
    limit: Math.min(Math.max(count, 0), MAX_COUNT),
  }
}

const conditionOf = (filter: string, known: Conditions): SQL =>
  sql.join(
    parseFilter(filter).map((term) => termOf(term, known)),
    sql` AND `,
  )

function termOf({ path, value }: Comparison, known: Conditions): SQL {
  // `members[value eq "x"] eq` would be a comparison of what was chosen already.
  const isOdd = path.filter.length > 0 && path.attribute !== 'emails'
  const has = Object.hasOwn(known, path.attribute) && !isOdd
  const hasNoParts = path.sub === undefined || ['emails', 'members'].includes(path.attribute)
  const condition = has && hasNoParts ? known[path.attribute]?.(value, path) : undefined
  if (condition) return condition
  throw new Refusal(
    'invalidFilter',
    `Nothing is searched by ${path.attribute}${path.sub ? `.${path.sub}` : ''} like that. By eq: ${Object.keys(known).join(', ')}.`,
  )
}
