// A listing by what is looked for: words, tags, components. It is read from the search's index, in its order.

import { examples } from '../../access/examples.ts'
import { headerOf } from '../../access/headers.ts'
import type { Shape } from '../../access/shape.ts'
import { isOutsideProjects } from '../../access/shared.ts'
import { type SQL, sql } from '../../db/sql.ts'
import { type Among, ranked, stretchOf } from '../../search/found.ts'
import { isHopeless, type Sought, wantedOf } from '../../search/match.ts'
import { mineOf, scopeOf } from '../../search/reach.ts'
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

/** SQL: what a statement of one of these has to say of its caller. */
export const tablesOf = (search: Search, shape?: Shape): SQL =>
  mineOf(amongOf(search).inProject, shape)

/**
 * SQL: the CTEs `found(k, place, rid)`, as `visibleFlows` has it, and `newest`, which are counted, to stand before the SELECT
 * that names them.
 */
export function withFound(search: Search, part: Part, shape?: Shape): SQL {
  const among = amongOf(search)
  const byTime = search.order === 'updated' || (search.order === 'relevance' && !isRanked(search))
  const { from, skip = 0, take, total } = part
  const page = skip + take + 1
  const counted = MOST_COUNTED + 1
  const most = total ? (byTime && !from ? Math.max(page, counted) : counted) : byTime ? page : -1
  const newest = stretchOf('newest', among, { back: false, most }, shape)
  return sql`WITH RECURSIVE ${wantedOf(search.sought, isRanked(search))} ${scopeOf(among.inProject, shape)}
    ${byTime && from && !total ? sql`` : newest} ${byTime ? inTime(among, part, shape) : sorted(search, part)}`
}

/** SQL: how many there are, MOST_COUNTED + 1 where there are more; behind `withFound`. */
export const countFound = sql`(SELECT count(*) FROM (SELECT 1 FROM newest LIMIT ${sql.raw(String(MOST_COUNTED + 1))}))`

function inTime(among: Among, { from, skip = 0, take }: Part, shape?: Shape): SQL {
  const back = from?.back ?? false
  const after = typeof from?.key === 'string' ? from.key : undefined
  const behind = from ? stretchOf('behind', among, { back, after, most: take + 1 }, shape) : sql``
  const page = sql.raw(from ? 'behind' : 'newest')
  return sql`${behind} ${foundIn(
    sql`printf('%019d', x.k)`,
    sql`(SELECT * FROM ${page}
    ORDER BY k ${sql.raw(back ? 'ASC' : 'DESC')} LIMIT ${take + 1} OFFSET ${skip}) x`,
  )}`
}

/** Of the newest, however many fit: a page of these, put in order. */
function sorted(search: Search, { from, skip = 0, take, total }: Part): SQL {
  const back = from?.back ?? false
  const page = sql`LIMIT ${take + 1} OFFSET ${skip}`
  const those = total
    ? sql`(SELECT * FROM newest ORDER BY k DESC LIMIT ${MOST_COUNTED}) x`
    : sql`newest x`
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
  return sql`${ranked} ${foundIn(sql`x.k`, sql`(SELECT * FROM ranked ${range} ORDER BY k ${sql.raw(back ? 'ASC' : 'DESC')} ${page}) x`)}`
}

/** The label says also of those that they are components whose graph would have to be asked. */
const isOneByItself = sql`(SELECT ${isComponent} FROM (SELECT f.id AS id) sought CROSS JOIN ${headerOf(sql`sought.id`)})`

const foundIn = (key: SQL, rows: SQL, more = sql``) =>
  sql`found AS (SELECT ${key} AS k, f.id AS place, f.rowid AS rid
    FROM ${rows} CROSS JOIN flowgate_search_entry e ON e.at = x.at CROSS JOIN flow f ON f.id = e.flow_id ${more})`

function amongOf({ within, withoutExamples, sought }: Search): Among {
  const isShared = within.kind === 'shared'
  const filters = [
    ...(isHopeless(sought) ? [sql`0`] : []),
    ...(withoutExamples ? [sql`f.folder_id NOT IN (${examples})`] : []),
    ...(isShared ? [isOutsideProjects] : []),
    ...(sought.componentsOnly ? [isOneByItself] : []),
  ]
  return {
    inProject: within.kind === 'project' || within.kind === 'starter',
    filter: filters.length > 0 ? sql.join(filters, sql` AND `) : undefined,
  }
}
