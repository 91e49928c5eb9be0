// A listing by what is looked for: words, tags, components. It is read from the search's index, in its order.

import { examples } from '../../access/examples.ts'
import { headerOf } from '../../access/headers.ts'
import type { Shape } from '../../access/shape.ts'
import { isOutsideProjects, SHARED_PROJECT } from '../../access/shared.ts'
import { type SQL, sql } from '../../db/sql.ts'
import { ranked, stretchOf, type Within } from '../../search/found.ts'
import { isHopeless, type Sought, wantedOf } from '../../search/match.ts'
import { mineOf, scopeOf } from '../../search/reach.ts'
import { isComponent } from './components.ts'
import { type Order, type Position, rangeAfter } from './cursor.ts'

/** Up to here totals are exact, and so many of the newest are put in the order of names or of relevance. */
export const MOST_COUNTED = 1000

/** Of a listing, what a search has to know. */
export type Search = {
  readonly folderId?: string | undefined
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
  mineOf(withinOf(search).inProject, shape)

/**
 * SQL: the CTEs `found(k, place, rid)`, as `visibleFlows` has it, and `newest`, which are counted, to stand before the SELECT
 * that names them.
 */
export function withFound(search: Search, part: Part, shape?: Shape): SQL {
  const within = withinOf(search)
  const byTime = search.order === 'updated' || (search.order === 'relevance' && !isRanked(search))
  const { from, skip = 0, take, total } = part
  const page = skip + take + 1
  const counted = MOST_COUNTED + 1
  const most = total ? (byTime && !from ? Math.max(page, counted) : counted) : byTime ? page : -1
  const newest = stretchOf('newest', within, { back: false, most }, shape)
  return sql`WITH RECURSIVE ${wantedOf(search.sought, isRanked(search))} ${scopeOf(within.inProject, shape)}
    ${byTime && from && !total ? sql`` : newest} ${byTime ? inTime(within, part, shape) : sorted(search, part)}`
}

/** SQL: how many there are, MOST_COUNTED + 1 where there are more; behind `withFound`. */
export const countFound = sql`(SELECT count(*) FROM (SELECT 1 FROM newest LIMIT ${sql.raw(String(MOST_COUNTED + 1))}))`

function inTime(within: Within, { from, skip = 0, take }: Part, shape?: Shape): SQL {
  const back = from?.back ?? false
  const after = typeof from?.key === 'string' ? from.key : undefined
  const behind = from ? stretchOf('behind', within, { back, after, most: take + 1 }, shape) : sql``
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

function withinOf({ folderId, withoutExamples, sought }: Search): Within {
  const isShared = folderId === SHARED_PROJECT
  const filters = [
    ...(isHopeless(sought) ? [sql`0`] : []),
    ...(withoutExamples ? [sql`f.folder_id NOT IN (${examples})`] : []),
    ...(isShared ? [isOutsideProjects] : []),
    ...(sought.componentsOnly ? [isOneByItself] : []),
  ]
  return {
    inProject: folderId !== undefined && !isShared,
    filter: filters.length > 0 ? sql.join(filters, sql` AND `) : undefined,
  }
}
