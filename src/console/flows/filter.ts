// What is looked for, as it stands in the address bar.
import { v1 } from '../api.ts'

/** `Shared with me`: the view of what lies in no project that one may read. */
export const SHARED = '5a2ed000-0000-8000-8000-000000000000'

const orders = ['updated', 'name', 'relevance'] as const
type Order = (typeof orders)[number]

export type Filter = {
  search: string
  tag: string
  project: string
  order: Order
  cursor: string
}

/** Anything may stand in an address: what is no order is the usual one. */
export function readFilter(query: URLSearchParams): Filter {
  const search = query.get('search')?.slice(0, 500) ?? ''
  const given = orders.find((order) => order === query.get('order')) ?? 'updated'
  return {
    search,
    tag: query.get('tag') ?? '',
    project: query.get('project') ?? '',
    order: given === 'relevance' && !search.trim() ? 'updated' : given,
    cursor: query.get('cursor') ?? '',
  }
}

export const isFiltered = ({ search, tag, project }: Filter) => Boolean(search || tag || project)

const SIZE = '50'

/** A page of what is looked for, without graphs. */
export const askFlows = (filter: Filter, signal: AbortSignal) =>
  v1.flows.index.$get(
    {
      query: {
        paged: 'all',
        header_flows: 'true',
        include: 'actions,owner,updated',
        size: SIZE,
        order: filter.order,
        ...(filter.search ? { search: filter.search } : {}),
        ...(filter.tag ? { tag: [filter.tag] } : {}),
        ...(filter.project ? { folder_id: filter.project } : {}),
        ...(filter.cursor ? { cursor: filter.cursor } : {}),
      },
    },
    { init: { signal } },
  )
