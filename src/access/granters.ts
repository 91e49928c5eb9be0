// Who hands rights on at all: admins, and whoever may do everything with some flow or project, as its Owner may.
// What they may give there, and to whom, is another question.
import { sql } from '../db/sql.ts'
import { grantsHeld } from './grants.ts'
import {
  amAdmin,
  mayFlow,
  mayHandOn,
  mayProject,
  myId,
  permissions,
  permitsAll,
} from './predicate.ts'

const nothing = sql`NULL`
const wholeProject = (id = nothing) =>
  permitsAll(permissions, (permission) => mayProject(permission, id))
/** Everything with a flow in the project that has no grants of its own. */
const flowsOf = (id = nothing) =>
  permitsAll(permissions, (permission) => mayFlow(permission, nothing, id))
/** SQL: a SELECT of where the caller holds any grant, over or not: what it allows, the predicate says. */
const scopesHeld = (type: 'Flow' | 'Project') =>
  sql`(SELECT a.scope_id AS id ${grantsHeld(myId, sql`a.scope_type = ${sql.raw(`'${type}'`)}`)})`

/**
 * SQL boolean: the caller is one of them. By the predicate, about each flow and project with a grant of theirs, about
 * the flows in such a project that have none, and about whatever has none: it costs what the caller's grants cost.
 */
export const mayGrant = sql`(${amAdmin} OR ${wholeProject()} OR ${flowsOf()}
  OR EXISTS (SELECT 1 FROM ${scopesHeld('Flow')} g CROSS JOIN flow f ON f.id = g.id WHERE ${mayHandOn(sql`f.id`)})
  OR EXISTS (SELECT 1 FROM ${scopesHeld('Project')} g CROSS JOIN folder p ON p.id = g.id
    WHERE ${wholeProject(sql`p.id`)} OR ${flowsOf(sql`p.id`)}))`
