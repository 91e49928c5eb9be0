// "Shared with me": the flows that the caller may read outside of any project that they may read, most of them by
// grants on single flows. It is shown like a project and is none: no row, no grants, nothing of its own. Admins
// read all projects, so for them it is empty.
//
// Twice, as the rule itself: row by row by the predicate, and turned round for listings (visible.ts), where
// everything looks at the row `c`. Tests compare the two, and both with the rule said a second time.
import { type SQL, sql } from '../db/sql.ts'
import { grantsHeld, isLive, ownGrants } from './grants.ts'
import { headerOf, placedFlow } from './headers.ts'
import {
  amAdmin,
  atGlobal,
  atProject,
  decidedAt,
  grantsOf,
  mayFlow,
  mayProject,
  myId,
  projectOf,
} from './predicate.ts'
import { termsOf } from './terms.ts'
import { merge, type Selection } from './visible.ts'

/** Its id. By its version no generator of random ids ever makes it. */
export const SHARED_PROJECT = '5a2ed000000080008000000000000000'
export const SHARED_NAME = 'Shared with me'

/** Why a flow cannot be put into it, nor it be changed. */
export const notAProject = `'${SHARED_NAME}' shows flows of other projects and is none: nothing is put into it, and it cannot be changed or deleted`

const nowhere = sql`NULL`
const readsAll = sql`(NOT ${amAdmin} AND ${mayFlow('Read', nowhere, nowhere)})`
const heldOn = (type: 'Flow' | 'Project') =>
  sql`SELECT a.scope_id AS id ${grantsHeld(myId, sql`a.scope_type = ${sql.raw(`'${type}'`)}`)}`

/** SQL: a SELECT of the ids of flows that may be among them: no more than the caller's grants lead to. */
const candidates = sql`${heldOn('Flow')}
  UNION ALL SELECT x.id FROM (${heldOn('Project')}) p CROSS JOIN flow x ON x.folder_id = p.id
    WHERE ${mayFlow('Read', nowhere, sql`p.id`)} AND NOT ${mayProject('Read', sql`p.id`)}
  UNION ALL SELECT * FROM (SELECT x.id FROM flow x WHERE x.folder_id IS NULL LIMIT CASE WHEN ${readsAll} THEN -1 ELSE 0 END)
  UNION ALL SELECT * FROM (SELECT x.id FROM flow x
    LIMIT CASE WHEN ${readsAll} AND NOT ${mayProject('Read', nowhere)} THEN -1 ELSE 0 END)`

const itsProject = projectOf(sql`f.id`)
const isOutside = sql`(NOT ${amAdmin} AND ${mayFlow('Read', sql`f.id`)}
  AND (${itsProject} IS NULL OR NOT ${mayProject('Read', itsProject)}))`

/** SQL boolean: the flow `f` is among them. */
export const isSharedFlow = sql`(f.id IN (${candidates}) AND ${isOutside})`

/** SQL boolean: there is one. */
export const anyShared = sql`EXISTS (SELECT 1 FROM (${candidates}) s CROSS JOIN flow f ON f.id = s.id WHERE ${isOutside})`

const { asCaller, grantedFlows, hasOwnGrant, ofFlow, ofItsProject } = termsOf()

/** 1 where the caller's Global grants let them read projects, and where those on the project of `f` do; 0 or NULL else. */
const seesAll = decidedAt('Read', 'Project', atGlobal, asCaller)
const seesItsProject = decidedAt('Read', 'Project', atProject(sql`f.folder_id`), asCaller)
const isInside = sql`(f.folder_id IS NOT NULL AND coalesce(${seesItsProject}, ${seesAll}, 0))`

/** SQL boolean over a flow `f(id, folder_id)` that the caller `c` may read: it is among them. */
export const isOutsideProjects = sql`(NOT c.is_admin AND NOT ${isInside})`

/** Reads flows everywhere, and projects only where grants say so. */
const everywhere = sql`(CASE WHEN c.inherits THEN NOT coalesce(${seesAll}, 0) ELSE 0 END)`
/** Whether a grant lets them read flows, and projects; and what all of them at a project come to. */
const [flows, projects] = [asCaller.holds('Read', 'Flow'), asCaller.holds('Read', 'Project')]
const decidedFor = (scope: 'Flow' | 'Project') =>
  sql`coalesce(${decidedAt('Read', scope, atProject(sql`x.id`), asCaller)}, 0)`
const onProject = sql`a.scope_type = 'Project' AND a.scope_id IS NOT NULL`

/**
 * The projects with a grant of the caller's: whether all that they hold is among them. As `decisions` in visible.ts:
 * without teams by the order of an index; else each grant says what all of them come to, and looks at the others only
 * where it does not know.
 */
const grantedProjects = sql`(SELECT a.scope_id AS id, max(${flows}) AND NOT max(${projects}) AS shared
    ${ownGrants(asCaller.id, sql`NOT c.in_teams AND ${onProject} AND ${isLive(sql`a`, asCaller.now)}`)} GROUP BY a.scope_id
  UNION ALL SELECT DISTINCT x.id, CASE WHEN x.projects THEN 0 WHEN x.flows THEN NOT ${decidedFor('Project')}
      ELSE ${decidedFor('Flow')} AND NOT ${decidedFor('Project')} END AS shared
    FROM (SELECT a.scope_id AS id, ${flows} AS flows, ${projects} AS projects ${grantsOf(asCaller, sql`c.in_teams AND ${onProject}`)}) x)`
const withoutOwnGrant = sql`NOT (c.has_flow_grants AND ${hasOwnGrant})`

/**
 * As `visibleFlows`. What decides whether a way is gone stands in a row of its own, so that it is asked once. Where all
 * flows are scanned it is one found by its key: only behind such a row SQLite counts on the order of an index.
 */
export function sharedFlows(selection: Selection): SQL {
  const asked = sql`AND ${selection.range} AND ${selection.filter}`
  return merge(selection, [
    sql`user x CROSS JOIN flow f
      WHERE x.id = c.id AND ${everywhere} AND NOT c.is_admin AND coalesce(${ofFlow}, ${ofItsProject}, 1) AND NOT ${isInside} ${asked}`,
    sql`(SELECT 1 WHERE c.inherits AND NOT ${everywhere} AND NOT c.is_admin) x CROSS JOIN flow f
      WHERE f.folder_id IS NULL AND ${withoutOwnGrant} ${asked}`,
    sql`(SELECT p.id FROM ${grantedProjects} p WHERE p.shared AND NOT ${everywhere} AND NOT c.is_admin) x
      CROSS JOIN flow f ON f.folder_id = x.id WHERE ${withoutOwnGrant} ${asked}`,
    sql`(SELECT g.id FROM ${grantedFlows} g WHERE g.allow AND NOT ${everywhere} AND NOT c.is_admin) x
      CROSS JOIN ${headerOf(sql`x.id`)} WHERE NOT ${isInside} ${asked}`,
  ])
}

const countOf = (folder: string) =>
  sql`coalesce((SELECT n FROM flowgate_flow_count WHERE folder_id = ${sql.raw(`'${folder}'`)}), 0)`

/** SQL: a number, how many they are, from what is counted per project and the flows whose own grants say otherwise. */
export const countShared = sql`(CASE WHEN c.is_admin THEN 0 ELSE
  CASE WHEN ${everywhere} THEN ${countOf('*')} WHEN c.inherits THEN ${countOf('')} ELSE 0 END
  + coalesce((SELECT sum((p.shared - ${everywhere}) * counted.n) FROM ${grantedProjects} p
      CROSS JOIN flowgate_flow_count counted ON counted.folder_id = p.id), 0)
  + coalesce((SELECT sum(g.allow - coalesce(${ofItsProject}, c.inherits)) FROM ${grantedFlows} g
      CROSS JOIN ${placedFlow(sql`g.id`)} WHERE NOT ${isInside}), 0) END)`
