// The two lists of a project: flows that are listed come in, flows that no longer are go out.
import { type SQL, sql } from 'drizzle-orm'
import { starterProjectOf } from '../access/ownership.ts'
import { mayFlow, myId } from '../access/predicate.ts'
import { mayEnter } from '../flows/destination.ts'
import { anyComesIn, mayMoveAll } from '../flows/move.ts'
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
  /** SQL boolean: all of it is allowed. Stays true once the flows have been moved. */
  permitted: SQL
}

/** What the lists ask for. An absent list leaves its kind alone, and flows the caller may not update stay. */
export function planLists(id: string, { flows, components }: ProjectUpdate): Lists {
  const wanted = [...(flows ?? []), ...(components ?? [])]
  const project = sql`${id}`
  const home = starterProjectOf(
    sql`coalesce((SELECT user_id FROM folder WHERE id = ${id}), ${myId})`,
  )
  const isWanted = sql`f.id IN (SELECT value FROM json_each(${JSON.stringify(wanted)}))`
  const leaves = sql`(f.folder_id = ${id} AND ${isOfKinds(flows, components)} AND NOT ${isWanted}
    AND ${home} IS NOT ${id} AND ${mayFlow('Update', sql`f.id`, sql`f.folder_id`)})`
  const goesOut = sql`EXISTS (SELECT 1 FROM flow f WHERE ${leaves})`
  const mayComeIn = sql`(NOT ${anyComesIn(wanted, project)} OR ${mayEnter(project)})`
  const mayGoOut = sql`(NOT ${goesOut} OR ${mayEnter(home)})`
  return {
    wanted,
    target: sql`CASE WHEN f.folder_id = ${id} THEN ${home} ELSE ${id} END`,
    moves: sql`((${isWanted} AND f.folder_id IS NOT ${id}) OR ${leaves})`,
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
