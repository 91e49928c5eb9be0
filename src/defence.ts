// What stands in front of every handler: limits on how often and how much, and which browsers may ask.
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import type { Limiter, Open } from './env.ts'
import { ApiError, logError } from './errors.ts'
import { isNamed } from './etags.ts'
import { isFromOurPages } from './origins.ts'

/** Twice this, as JSON within JSON, still fits into one request to libSQL. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

/** The period of the limiters in wrangler.toml. */
const PERIOD_S = 60

/** What browsers are told with every answer, as hono/secure-headers has it, which weighs more than a KiB for what else it can. */
const told = Object.entries({
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=15552000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
})

export const safeHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  const { headers } = c.res
  for (const [name, value] of told) headers.set(name, value)
}

const CLIENT_ID = 'X-Client-Request-Id'

/** Each request has an id of ours; one that its caller gave it is said beside it, if it is plain and short. */
export const identified: MiddlewareHandler<Open> = async (c, next) => {
  const id = crypto.randomUUID()
  c.set('requestId', id)
  c.header('X-Request-Id', id)
  const theirs = c.req.header('x-request-id')
  if (theirs && /^[\w.:-]{1,64}$/.test(theirs)) c.header(CLIENT_ID, theirs)
  await next()
}

/** What is answered is for its caller and for no cache, unless the answer says otherwise; no error does. */
export const keptPrivate: MiddlewareHandler = async (c, next) => {
  await next()
  // Not by c.header(), which makes each time a new answer of the one that is there, and a stream of its body.
  const { headers, status } = c.res
  if (!headers.get('cache-control') || status >= 400)
    headers.set('cache-control', 'private, no-store')
  if (!headers.get('cache-control')?.startsWith('public'))
    headers.append('vary', 'Authorization, X-API-Key, Cookie, Cf-Access-Jwt-Assertion')
}

/** Open to strangers and the same for all: any cache may keep it for so long, and ask whether it still holds. */
export const cached =
  (seconds: number): MiddlewareHandler =>
  async (c, next) => {
    await next()
    if (c.res.status !== 200) return
    const { headers } = c.res
    const body = await c.res.arrayBuffer()
    const digest = await crypto.subtle.digest('SHA-256', body)
    const tag = `"${Buffer.from(digest).toString('base64url')}"`
    headers.set('etag', tag)
    headers.set('cache-control', `public, max-age=${seconds}`)
    const isKnown = isNamed(c.req.header('if-none-match'), tag)
    if (isKnown) for (const name of OF_BODIES) headers.delete(name)
    c.res = undefined
    c.res = new Response(isKnown ? null : body, { status: isKnown ? 304 : 200, headers })
  }

/** What says something of a body, and not where none is sent. */
const OF_BODIES = [
  'content-type',
  'content-length',
  'content-disposition',
  'content-security-policy',
]

/** No other site signs anybody in or out: an `Origin`, which every browser sends, must be ours or a listed one. */
export const fromOwnPages: MiddlewareHandler<Open> = async (c, next) => {
  if (!isFromOurPages(c.req, c.var.env.CORS_ORIGINS))
    throw new ApiError('forbidden', 'This origin may not sign anybody in or out')
  await next()
}

/** A hundred questions with the longest words. */
const MAX_SMALL_BYTES = 512 * 1024

/** A name, a password and a few flags, with room to spare. */
const MAX_STRANGER_BYTES = 64 * 1024

/** 413 for a larger body, whether its length is announced or not. */
const bodiesUpTo = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new ApiError('too_large', `The body must not be larger than ${maxSize} bytes`)
    },
  })

/** A flow as it was exported has an id and more that it was sent without: what came in goes in again. */
const MAX_UPLOAD_BYTES = MAX_BODY_BYTES + 64 * 1024

const limitGraphs = bodiesUpTo(MAX_BODY_BYTES)
const limitUploads = bodiesUpTo(MAX_UPLOAD_BYTES)
const limitSmall = bodiesUpTo(MAX_SMALL_BYTES)
const takesGraphs = /^\/api\/v1\/(?:flows|projects)\/(upload\/$)?/

/** Graphs are large, and nothing else is. */
export const limitBodies: MiddlewareHandler = (c, next) => {
  const [takes, uploads] = takesGraphs.exec(c.req.path) ?? []
  const limit = uploads ? limitUploads : takes ? limitGraphs : limitSmall
  return limit(c, next)
}

/** For routes that read a body before they know who sent it. */
export const limitStrangers = bodiesUpTo(MAX_STRANGER_BYTES)

/** Browsers on other origins get nothing, unless their origin is listed. */
export const openToOrigins: MiddlewareHandler<Open> = async (c, next) => {
  const origins = c.var.env.CORS_ORIGINS
  if (origins.length === 0) return next()
  return cors({
    origin: origins,
    credentials: true,
    exposeHeaders: [
      'Allow',
      'Content-Disposition',
      'ETag',
      'Flowgate-At',
      'Flowgate-Consistency',
      'Flowgate-Flows-Owned',
      'Idempotent-Replayed',
      'Link',
      'Retry-After',
      CLIENT_ID,
      'X-Request-Id',
    ],
    maxAge: 600,
  })(c, next)
}

type LimiterName = 'LOGIN_LIMITER' | 'SIGNUP_LIMITER' | 'KEY_LIMITER' | 'OPEN_LIMITER'

/** 429 for an address that comes too often, before anything is read or computed for it. */
export const limited = (name: LimiterName): MiddlewareHandler<Open> =>
  async function limited(c, next) {
    await countAgainst(c, name)
    await next()
  }

/** 429 in place of 403 for an address that keeps coming with keys that nobody has. */
export const countWrongKey = (c: Context) => countAgainst(c, 'KEY_LIMITER')

/** Throws 429 past the limit. A limiter that fails lets nobody through; without an address nothing is shared. */
async function countAgainst(c: Context<Open>, name: LimiterName): Promise<void> {
  const limiter: Limiter | undefined = c.var.env[name]
  const key = networkOf(c)
  if (c.var.env.RATE_LIMIT === 'off' || !limiter || key === undefined) return
  const { success } = await limiter.limit({ key }).catch((error) => {
    logError(c.var.requestId, 'limiter_failed', error)
    return { success: false }
  })
  if (!success)
    throw new ApiError('too_many_requests', 'Too many attempts. Try again in a minute.', {
      retryAfter: PERIOD_S,
    })
}

/** Where a request comes from, as far as one customer of a network goes; undefined where nobody says so. */
export const networkOf = (c: Context): string | undefined => {
  const address = c.req.header('cf-connecting-ip')
  return address ? toNetwork(address) : undefined
}

/** An IPv4 address, or the /64 of an IPv6 one: whoever has one of its addresses has all of them. */
export function toNetwork(address: string): string {
  const text = address.slice(0, 64).toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  if (mapped !== undefined || !text.includes(':')) return mapped ?? text
  const [head = '', tail] = text.split('::')
  const groups = (part = '') => (part === '' ? [] : part.split(':'))
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array(Math.max(0, zeros)).fill('0'), ...groups(tail)]
  const network = all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}
