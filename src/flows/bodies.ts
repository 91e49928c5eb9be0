// The bodies in which flows are answered beyond what a view makes of one row, for the API description.
import {
  arrayOfEither,
  count,
  eitherOf,
  type HasSchema,
  id,
  nullable,
  object,
  oneOf,
  optional,
  pageOf,
  secondOrNull,
  text,
  texts,
  titled,
} from '../wire.ts'
import { toFlowHeader, toFlowRead } from './view.ts'

/** What `include` adds to each flow, or project, of a list, and the last of it to one by itself. */
export const owner: HasSchema = {
  schema: { ...object({ id, username: text }).schema, type: ['object', 'null'] },
  optional: true,
}
export const included = { actions: optional(texts), scope: optional(nullable(text)), owner }
/** A flow with its owner, where that is asked for. */
export const FlowWithOwner = titled('FlowWithOwner', object({ owner }, toFlowRead))
const Listed = titled('ListedFlow', object(included, toFlowRead))
const ListedHeader = titled(
  'ListedFlowHeader',
  object({ ...included, updated_at: optional(secondOrNull) }, toFlowHeader),
)

/** A search counts no further than 1,000. */
const totalIs = oneOf('exact', 'at_least')

/** The forms of the listing: everything, a page of a project, a page by cursor; flows or their headers. */
export const FlowList = eitherOf(
  arrayOfEither(Listed, ListedHeader),
  titled('FlowPage', object({ total_is: optional(totalIs) }, pageOf(Listed))),
  titled(
    'FlowCursorPage',
    object({
      items: arrayOfEither(Listed, ListedHeader),
      total: count,
      total_is: totalIs,
      size: count,
      next_cursor: nullable(text),
      prev_cursor: nullable(text),
    }),
  ),
)
