// The list of projects: LangBuilder's front end takes the first for the caller's home, and cannot reach what is in none.
import { projectActions } from '../access/actions.ts'
import type { Ask } from '../access/ask.ts'
import { isExamples } from '../access/examples.ts'
import { slice } from '../access/long-list.ts'
import { ownerOf } from '../access/owners.ts'
import { starterProjectOf } from '../access/ownership.ts'
import { mayProject, myId } from '../access/predicate.ts'
import { anyShared } from '../access/shared.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { MAX_DESCRIPTION, MAX_SETTINGS, type ProjectListQuery } from './params.ts'
import { mayUpdate } from './query.ts'
import { sharedActions, sharedRow } from './shared.ts'

/** Where in the list: the caller's own Starter Project, what is shared with them, others' Starter Projects, the rest. */
const rank = sql`CASE WHEN p.id = ${starterProjectOf(myId)} THEN 0 WHEN p.is_starter_project THEN 2 ELSE 3 END`
const sharedRank = sql`1`

/** Whether "Shared with me" is listed. */
export type Shared = 'always' | 'where it holds something' | 'never'

/**
 * The projects the caller may read, as many as fit into one answer, after the row that the slice before ended with; the
 * shared folder of examples is none. What an adopted database holds beyond our maxima ends early.
 */
export async function listProjects(
  ask: Ask,
  { include }: ProjectListQuery,
  shared: Shared,
  after: Row | undefined,
): Promise<Row[]> {
  const more = (actions: SQL) => sql`${include?.includes('actions') ? sql`, ${actions}` : sql``}
    ${include?.includes('owner') ? sql`, ${ownerOf(sql`p.user_id`)} AS owner` : sql``}`
  const comesAfter = (rank: SQL) =>
    after
      ? sql`(${rank}, p.name, p.id) > (${after.rank ?? null}, ${after.name ?? null}, ${after.id ?? null})`
      : sql`1`
  const virtual = sql`UNION ALL SELECT p.id, p.name, p.description, p.is_starter_project, p.parent_id, p.auth_settings,
      0, ${sharedRank} ${more(sharedActions)}
    FROM ${sharedRow} p WHERE ${comesAfter(sharedRank)} AND ${shared === 'always' ? sql`1` : anyShared}`
  const { projects } = await ask.read({
    projects: slice(
      sql`SELECT p.id, p.name, substr(p.description, 1, ${MAX_DESCRIPTION}) AS description, p.is_starter_project, p.parent_id,
          CASE WHEN ${mayUpdate} AND length(p.auth_settings) <= ${MAX_SETTINGS} THEN p.auth_settings END AS auth_settings,
          1 AS may_update, ${rank} AS rank ${more(projectActions)}
        FROM folder p WHERE NOT ${isExamples(sql`p`)} AND ${comesAfter(rank)} AND ${mayProject('Read', sql`p.id`)}
        ${shared === 'never' ? sql`` : virtual}`,
      sql`ORDER BY rank, name, id`,
      sql`octet_length(concat(name, description, auth_settings)) + ${include?.includes('owner') ? 1400 : 500}`,
    ),
  })
  return projects
}
