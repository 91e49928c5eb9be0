// The caller of a listing: one row `c` of the CTE `caller`, in a statement that reads FROM caller c, and what visible.ts
// says about it. SQLite copies a CTE wherever it is named, and a copy costs more than what it reads: so `c` is named
// once. Where the shape of the caller is given, what cannot matter for them is left out.
import { type SQL, sql } from '../db/sql.ts'
import { settle } from '../db/statement.ts'
import { now } from '../db/values.ts'
import { type Claim, signedInRow } from '../identity/authenticate.ts'
import { callerRow } from './caller.ts'
import { isInTeams, isLive, type Known, ownGrants } from './grants.ts'
import {
  type Asking,
  atFlow,
  atGlobal,
  atProject,
  decidedAt,
  grantsOf,
  holds,
  isGranted,
  isIn,
  roleList,
} from './predicate.ts'
import { asUserRow, isAdminShape, isOfShape, readsAll, type Shape } from './shape.ts'
import { type Action, asSubject, rolesFor } from './subjects.ts'

/** What the expressions below are made of, for callers of one shape or for any. */
type Terms = {
  /** The caller, in the terms of predicate.ts. */
  readonly asCaller: Asking
  /** 1 if any of the caller's roles there allows to read the flow `f`, 0 if none does, NULL without a grant there. */
  readonly ofFlow: SQL
  readonly ofItsProject: SQL
  /** SQL boolean: the caller has a grant on the flow `f` itself. */
  readonly hasOwnGrant: SQL
  /** Is there any such flow? */
  readonly hasFlowGrants: Known
  /** Rows `(id, allow)` for every flow or project with a grant. */
  readonly grantedFlows: SQL
  readonly grantedProjects: SQL
  /** What is known of the row `u` of the caller, as columns. */
  readonly facts: SQL
  /** SQL boolean: the shape is that of `u`. */
  readonly isTheirs: SQL
  /** May they read flows, in the project or anywhere, unless a more specific grant says otherwise? */
  inherits(inProject: boolean): Known
}

/** Each made once: there are few shapes. */
const madeFor = new Map<string, Terms>()

/** `action`: what is asked of the `c` of `callerLike`, who need not be the caller. */
export function termsOf(shape?: Shape, action?: Action): Terms {
  const name = shape
    ? `${shape.standing} ${Number(shape.inTeams)}${Number(shape.hasFlowGrants)}`
    : `any ${action}`
  const terms = madeFor.get(name) ?? makeTerms(shape, action)
  madeFor.set(name, terms)
  return terms
}

function makeTerms(shape: Shape | undefined, action: Action | undefined): Terms {
  const isAdmin = shape && isAdminShape(shape)
  const asCaller: Asking = action
    ? asSubject(sql`c`, action)
    : {
        id: sql`c.id`,
        isAdmin: isAdmin ?? sql`c.is_admin`,
        now: sql`c.now`,
        inTeams: shape ? shape.inTeams : sql`c.in_teams`,
        holds: (permission, scope) =>
          permission === 'Read' && scope === 'Flow'
            ? isIn(sql`c.readers`)
            : holds(permission, scope),
      }
  const hasFlowGrants = shape ? shape.hasFlowGrants : sql`c.has_flow_grants`
  const decided = (grants: SQL) => decidedAt('Read', 'Flow', grants, asCaller)
  return {
    asCaller,
    ofFlow: settle(decided(atFlow(sql`f.id`))),
    ofItsProject: settle(decided(atProject(sql`f.folder_id`))),
    hasOwnGrant: settle(isGranted(atFlow(sql`f.id`), asCaller)),
    hasFlowGrants,
    grantedFlows: settle(decisions('Flow', asCaller, toSql(hasFlowGrants))),
    grantedProjects: settle(decisions('Project', asCaller)),
    facts: settle(
      shape
        ? factsOf(shape)
        : sql`, ${now} AS now, ${readers} AS readers,
      ${isInTeams(sql`u.id`)} AS in_teams, ${readsAll(asUserRow(true))} AS globally`,
    ),
    isTheirs: settle(shape ? isOfShape(shape) : sql`1`),
    inherits(inProject) {
      if (isAdmin) return true
      return shape && !inProject ? shape.standing === 'reader' : sql`c.inherits`
    },
  }
}

export const toSql = (known: Known): SQL =>
  typeof known === 'boolean' ? sql.raw(known ? '1' : '0') : known

/**
 * The CTE `caller`: the row of `callerRow`, or none, also where somebody is not of the given shape; `now`; `readers`, the
 * roles that may read flows; `in_teams`; `folder_id`, the project to look into, given as SQL that may name `c.id`;
 * `inherits`, whether they may read flows there (or anywhere) unless a more specific grant says otherwise, NULL for a user
 * who is not active and sees nothing; and `has_flow_grants`, without which none needs to be looked for. It stands on a CTE
 * of its own, for SQLite would copy what an inner SELECT says into each place that uses it. `row`: of whom, where it is
 * not the caller; then without a shape.
 */
export function callerInProject(
  who: Claim,
  folderId: SQL | undefined,
  shape?: Shape,
  row: SQL = callerRow(who),
): SQL {
  const { asCaller, inherits } = termsOf(shape)
  const known = toSql(inherits(folderId !== undefined))
  if (shape && !folderId)
    return sql`caller AS MATERIALIZED (${rowOfShape(who, shape, sql`, NULL AS folder_id, ${known} AS inherits`)})`
  const ofProject = folderId ? decidedAt('Read', 'Flow', atProject(folderId), asCaller) : sql`NULL`
  const decided = sql`coalesce(${ofProject}, c.globally, 0)`
  const more = shape
    ? sql`${asCaller.isAdmin === true ? known : decided} AS inherits`
    : sql`CASE WHEN c.is_active THEN c.is_admin OR ${decided} END AS inherits,
      ${isGranted(sql`a.scope_type = 'Flow'`, asCaller)} AS has_flow_grants`
  return sql`signed_in AS MATERIALIZED (${shape ? rowOfShape(who, shape) : rowOfAny(row)}),
    caller AS MATERIALIZED (SELECT c.*, ${folderId ?? sql`NULL`} AS folder_id, ${more} FROM signed_in c)`
}

const rowOfAny = (row: SQL) => sql`SELECT * ${termsOf().facts} FROM (${row}) u`

function rowOfShape(who: Claim, shape: Shape, more = sql``): SQL {
  const { facts, isTheirs } = termsOf(shape)
  return sql`${signedInRow(who, sql`${facts} ${more}`)} AND ${isTheirs}`
}

function factsOf(shape: Shape): SQL {
  const isAdmin = isAdminShape(shape)
  const known = {
    is_admin: isAdmin,
    in_teams: shape.inTeams,
    has_flow_grants: shape.hasFlowGrants,
    globally: shape.standing === 'reader',
  }
  const facts = Object.entries(known).map(([name, fact]) => `, ${Number(fact)} AS ${name}`)
  return sql`, ${now} AS now, ${isAdmin ? sql`''` : readers} AS readers ${sql.raw(facts.join(''))}`
}

const readers = roleList('Read', 'Flow')

/**
 * The same CTE `caller` for somebody who need not be the caller: `subject` selects a row of subjects.ts, or none. What
 * `inherits` and all else says is about this action.
 */
export function callerLike(subject: SQL, action: Action): SQL {
  const { asCaller } = termsOf(undefined, action)
  const globally = decidedAt('Read', 'Flow', atGlobal, asCaller)
  return sql`asked AS MATERIALIZED (SELECT s.* ${rolesFor(action, 'Flow')} FROM (${subject}) s WHERE s.is_active),
    caller AS MATERIALIZED (SELECT c.*, NULL AS folder_id, c.is_admin OR coalesce(${globally}, 0) AS inherits,
      ${isGranted(sql`a.scope_type = 'Flow'`, asCaller)} AS has_flow_grants FROM asked c)`
}

/**
 * The decisions for every flow or project with a grant at once, each once. Without teams they come in the order of
 * an index, several for one scope together. Those of many teams do not; sorting them would read all a second time, so
 * the first that allows stands for all of a scope, and one that does not only where none does.
 */
function decisions(scopeType: 'Flow' | 'Project', asCaller: Asking, ifAny = sql`1`): SQL {
  const { inTeams, id, now } = asCaller
  const there = sql`a.scope_type = ${sql.raw(`'${scopeType}'`)} AND a.scope_id IS NOT NULL`
  const at = scopeType === 'Flow' ? atFlow : atProject
  // What several roles allow together is asked place by place.
  if (asCaller.allows)
    return sql`(SELECT x.id, ${decidedAt('Read', 'Flow', at(sql`x.id`), asCaller)} AS allow
      FROM (SELECT DISTINCT a.scope_id AS id ${grantsOf(asCaller, sql`${ifAny} AND ${there}`)}) x)`
  const allows = asCaller.holds('Read', 'Flow')
  const live = sql`${there} AND ${isLive(sql`a`, now)}`
  const own = sql`SELECT a.scope_id AS id, max(${allows}) AS allow
      ${ownGrants(id, sql`NOT ${toSql(inTeams)} AND ${live}`)} GROUP BY a.scope_id`
  const held = sql`SELECT DISTINCT x.id, x.allow FROM (SELECT a.scope_id AS id, ${allows} AS allow
        ${grantsOf(asCaller, sql`${toSql(inTeams)} AND ${ifAny} AND ${there}`)}) x
      WHERE x.allow OR NOT ${decidedAt('Read', 'Flow', at(sql`x.id`), asCaller)}`
  if (typeof inTeams === 'boolean') return sql`(${inTeams ? held : own})`
  return sql`(${own} UNION ALL ${held})`
}
