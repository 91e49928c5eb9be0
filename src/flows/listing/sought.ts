// A listing by what is looked for: words, tags, components. It is read from the search's index, in its order.

import { examples } from '../../access/examples.ts'
import { headerOf } from '../../access/headers.ts'
import type { Shape } from '../../access/shape.ts'
import { isOutsideProjects } from '../../access/shared.ts'
import { type SQL, sql } from '../../db/sql.ts'
import { type Among, kept, newest, ranked, stretchOf } from '../../search/found.ts'
import { isHopeless, type Sought } from '../../search/match.ts'
import { askingOf } from '../../search/reach.ts'
import { isComponent } from './components.ts'
import { type Order, type Position, rangeAfter } from './cursor.ts'

/** Up to here totals are exact, and so many of the newest are put in the order of names or of relevance. */
export const MOST_COUNTED = 1000

/** `starter`: the caller's Starter Project; `shared`: outside of projects that they read; `everywhere`: also in no project. */
export type Within =
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'starter' | 'shared' | 'everywhere' }

/** Of a listing, what a search has to know. */
export type Search = {
  readonly within: Within
  readonly order: Order
  readonly withoutExamples: boolean
  readonly sought: Sought
}

/** Of the part that is wanted. Without a total it is all of it, slice by slice. */
type Part = {
  readonly from?: Position | undefined
  readonly skip?: number
  readonly take: number
  readonly total?: boolean
}

const isRanked = ({ order, sought }: Search) =>
  order === 'relevance' && sought.text !== undefined && !isHopeless(sought)

/** SQL: what a statement of one of these has to say of its caller, `asking`, and all that it looks through once. */
export function tablesOf(search: Search, part: Part, shape?: Shape): SQL {
  const among = amongOf(search)
  const { from, skip = 0, take, total } = part
  const page = skip + take + 1
  const counted = MOST_COUNTED + 1
  const byTime = isByTime(search)
  const most = total ? (byTime && !from ? Math.max(page, counted) : counted) : byTime ? page : -1
  const isNeeded = total || !from || !byTime
  const newest = isNeeded ? kept(stretchOf(among, { back: false, most }, shape)) : sql`NULL`
  const { inProject } = among
  return askingOf({ sought: search.sought, ranked: isRanked(search), inProject, newest }, shape)
}

const isByTime = (search: Search) =>
  search.order === 'updated' || (search.order === 'relevance' && !isRanked(search))

/** SQL: a SELECT of `(k, place, rid)`, as `visibleFlows` has it, FROM asking c. */
export function foundFlows(search: Search, part: Part, shape?: Shape): SQL {
  return isByTime(search) ? inTime(amongOf(search), part, shape) : sorted(search, part)
}

/** SQL: how many there are, MOST_COUNTED + 1 where there are more. */
export const countFound = sql`min(json_array_length(c.newest), ${sql.raw(String(MOST_COUNTED + 1))})`

function inTime(among: Among, { from, skip = 0, take }: Part, shape?: Shape): SQL {
  const back = from?.back ?? false
  const after = typeof from?.key === 'string' ? from.key : undefined
  const page = from ? sql`(${stretchOf(among, { back, after, most: take + 1 }, shape)})` : newest
  return foundIn(
    sql`printf('%019d', x.k)`,
    sql`(SELECT * FROM ${page} ORDER BY k ${sql.raw(back ? 'ASC' : 'DESC')} LIMIT ${take + 1} OFFSET ${skip}) x`,
  )
}

/** Of the newest, however many fit: a page of these, put in order. */
function sorted(search: Search, { from, skip = 0, take, total }: Part): SQL {
  const back = from?.back ?? false
  const page = sql`LIMIT ${take + 1} OFFSET ${skip}`
  const those = total
    ? sql`(SELECT * FROM ${newest} ORDER BY k DESC LIMIT ${MOST_COUNTED}) x`
    : sql`${newest} x`
  if (search.order === 'name') {
    const way = sql.raw(back ? 'DESC' : 'ASC')
    const range = from ? rangeAfter('name', from) : sql`1`
    return foundIn(
      sql`f.name`,
      those,
      sql`WHERE ${range} ORDER BY f.name ${way}, f.id ${way} ${page}`,
    )
  }
  const key = typeof from?.key === 'string' ? from.key : undefined
  const range = key === undefined ? sql`` : sql`WHERE k ${sql.raw(back ? '>' : '<')} ${key}`
  return sql`WITH ${ranked} ${foundIn(sql`x.k`, sql`(SELECT * FROM ranked ${range} ORDER BY k ${sql.raw(back ? 'ASC' : 'DESC')} ${page}) x`)}`
}

/** The label says also of those that they are components whose graph would have to be asked. */
const isOneByItself = sql`(SELECT ${isComponent} FROM (SELECT f.id AS id) sought CROSS JOIN ${headerOf(sql`sought.id`)})`

const foundIn = (key: SQL, rows: SQL, more = sql``) =>
  sql`SELECT ${key} AS k, f.id AS place, f.rowid AS rid
    FROM ${rows} CROSS JOIN flowgate_search_entry e ON e.at = x.at CROSS JOIN flow f ON f.id = e.flow_id ${more}`

function amongOf({ within, withoutExamples, sought }: Search): Among {
  const isShared = within.kind === 'shared'
  const filters = [
    ...(isHopeless(sought) ? [sql`0`] : []),
    ...(withoutExamples ? [sql`f.folder_id NOT IN (${examples})`] : []),
    ...(isShared ? [isOutsideProjects] : []),
  ]
  return {
    inProject: within.kind === 'project' || within.kind === 'starter',
    filter: filters.length > 0 ? sql.join(filters, sql` AND `) : undefined,
    ifDoubtful: sought.componentsOnly ? isOneByItself : undefined,
  }
}
