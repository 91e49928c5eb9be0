// The ETag of a flow: which writing of its row this is. Whoever changes or deletes it may say which one they know;
// that is judged in the transaction of the write, so that of two at once the second is told.
import type { MiddlewareHandler } from 'hono'
import * as v from 'valibot'
import { listed, type SQL, sql } from '../db/sql.ts'
import type { Env, Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { tagsIn } from '../etags.ts'
import { invalid } from '../params.ts'

/**
 * SQL: the tag of a flow `f`, without its quotes. LangBuilder writes the same rows and counts nothing, so it is made of
 * the time as well; in hex where it is not a time, for anything may stand there and a header takes little.
 */
export const TAG = `CAST(coalesce(f.revision, 0) AS INTEGER) || '-' || CASE WHEN f.updated_at NOT GLOB '*[^0-9 :.-]*'
  THEN replace(substr(f.updated_at, 1, 40), ' ', 'T') ELSE hex(substr(CAST(f.updated_at AS TEXT), 1, 40)) END`
const tag = sql.raw(TAG)

const HEADER = 'If-Match'
const ENTITY_TAG = '(?:W/)?"[!#-~]*"'

const Header = v.object({
  [HEADER]: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'The `etag` of the flow as the caller knows it, several of them, or `*`. 412 where it is another one by now; ' +
          'a weak one (`W/"..."`) is never the same.',
      ),
      v.maxLength(1000),
      v.regex(
        new RegExp(`^(?:\\*|[ \\t,]*${ENTITY_TAG}(?:[ \\t]*,[ \\t,]*${ENTITY_TAG})*[ \\t,]*)$`),
      ),
    ),
  ),
})

/** The tags of which the flow must have one; `undemanding` asks for none, `missing` is one that should have been sent. */
export type Match = readonly string[] | 'undemanding' | 'missing'

/** What `If-Match`, where it was sent, asks of the flow that the request is about. Throws the 422 that names the header. */
export function readMatch(sent: string | undefined, env: Env): Match {
  if (sent === undefined) return env.REQUIRE_IF_MATCH === 'on' ? 'missing' : 'undemanding'
  if (!v.is(Header, { [HEADER]: sent }))
    throw invalid([
      {
        type: 'if_match',
        loc: ['header', HEADER],
        msg: 'If-Match must be *, or a list of ETags in their quotes, of at most 1000 characters',
      },
    ])
  // That it exists is asked of every flow that is changed.
  return sent === '*'
    ? 'undemanding'
    : tagsIn(sent).flatMap(({ isWeak, text }) => (isWeak ? [] : text))
}

const refuseMalformed: MiddlewareHandler<Open> = async (c, next) => {
  readMatch(c.req.header(HEADER), c.var.env)
  await next()
}

/** For routes that change one flow: says in the API description what they read, and refuses what is malformed. */
export const conditional = Object.assign(
  refuseMalformed as MiddlewareHandler,
  {
    target: 'header',
    schema: Header,
  } as const,
)

/**
 * SQL boolean: the flow is one that the request knows. Only looked at for those who may do what they ask for: it stands
 * behind the graph in its row, and how long it takes to get there would tell of a hidden one.
 */
export function isMatch(id: string, match: Match, mayDo: SQL): SQL {
  if (match === 'undemanding') return sql`1`
  if (match === 'missing') return sql`0`
  return sql`CASE WHEN ${mayDo} THEN EXISTS (SELECT 1 FROM flow f WHERE f.id = ${id}
    AND ${tag} IN ${listed(match)}) ELSE 0 END`
}

/** SQL: the tag of this flow for those who may read it. */
export const tagFor = (id: string, mayRead: SQL): SQL =>
  sql`CASE WHEN ${mayRead} THEN (SELECT ${tag} FROM flow f WHERE f.id = ${id}) END`

/** Throws 428 for a request that should say what it knows, and 412 for one that knows an older flow; with the tag of the flow, where there is one to tell. */
export function requireMatch(matches: number, match: Match, current: unknown): void {
  if (matches) return
  if (match === 'missing')
    throw new ApiError(
      'precondition_required',
      'Send the `etag` of the flow as you know it in the header If-Match',
    )
  throw new ApiError(
    'precondition_failed',
    'The flow is not the one that If-Match names: somebody was faster. Read it again, and change what is there now.',
    { etag: typeof current === 'string' ? toEtag(current) : undefined },
  )
}

/** A stored tag as it is sent. Answers that were kept before there were tags have none, and match nothing. */
export const toEtag = (stored: unknown): string => `"${stored ?? ''}"`
