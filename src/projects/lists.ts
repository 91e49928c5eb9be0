// The two lists of a project: flows that are listed come in, flows that no longer are go out.
import { starterProjectOf } from '../access/ownership.ts'
import { projectOf } from '../access/predicate.ts'
import { listed, type SQL, sql } from '../db/sql.ts'
import { anyComesIn, mayEnter, mayLeave, mayMoveAll } from '../flows/moving.ts'
import type { ProjectUpdate } from './params.ts'

type Lists = {
  wanted: string[]
  /** SQL: where the flow `f` goes. */
  target: SQL
  /** SQL boolean: the flow `f` changes its project. */
  moves: SQL
  goesOut: SQL
  mayComeIn: SQL
  mayGoOut: SQL
  /** SQL boolean: all of it is allowed. True no longer where the flows have been moved to where they are hidden. */
  permitted: SQL
}

/**
 * What the lists ask for. An absent list leaves its kind alone; flows that the caller may not take out stay, and
 * so do all flows of a project without a user, which has no other place for them.
 */
export function planLists(id: string, { flows, components }: ProjectUpdate): Lists {
  const wanted = [...(flows ?? []), ...(components ?? [])]
  const project = sql`${id}`
  const user = sql`(SELECT u.id FROM folder p JOIN user u ON u.id = p.user_id WHERE p.id = ${id})`
  const home = starterProjectOf(user)
  const isWanted = sql`f.id IN ${listed(wanted)}`
  const leaves = sql`(f.folder_id = ${id} AND ${isOfKinds(flows, components)} AND NOT ${isWanted}
    AND ${user} IS NOT NULL AND ${home} IS NOT ${id}
    AND ${mayLeave(sql`f.id`)})`
  const goesOut = sql`EXISTS (SELECT 1 FROM flow f WHERE ${leaves})`
  const mayComeIn = sql`(NOT ${anyComesIn(wanted, project)} OR ${mayEnter(project)})`
  const mayGoOut = sql`(NOT ${goesOut} OR ${mayEnter(home)})`
  return {
    wanted,
    target: sql`CASE WHEN f.folder_id = ${id} THEN ${home} ELSE ${id} END`,
    moves: sql`((${isWanted} AND ${projectOf(sql`f.id`)} IS NOT ${id}) OR ${leaves})`,
    goesOut,
    mayComeIn,
    mayGoOut,
    permitted: sql`${mayMoveAll(wanted, project)} AND ${mayComeIn} AND ${mayGoOut}`,
  }
}

/** SQL boolean: the flow `f` is of a kind of which there is a list. */
function isOfKinds(flows: unknown, components: unknown): SQL {
  if (flows && components) return sql`1`
  if (flows) return sql`NOT coalesce(f.is_component, 0)`
  if (components) return sql`coalesce(f.is_component, 0)`
  return sql`0`
}
