// What stands in front of every handler: limits on how often and how much, and which browsers may ask.
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import type { Limiter, Open } from './env.ts'
import { ApiError } from './errors.ts'

/** Twice this, as JSON within JSON, still fits into one request to libSQL. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/** The period of the limiters in wrangler.toml. */
const PERIOD_S = 60

/** Without the two that are about windows and frames: browsers complain of them over plain HTTP. */
export const safeHeaders = secureHeaders({
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
})

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

export const limitBodies = bodiesUpTo(MAX_BODY_BYTES)
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
      'Flowgate-Flows-Owned',
      'Idempotent-Replayed',
      'Link',
      'Retry-After',
      'X-Request-Id',
    ],
    maxAge: 600,
  })(c, next)
}

/** 429 for an address that comes too often, before anything is read or computed for it. */
export const limited = (name: LimiterName): MiddlewareHandler<Open> =>
  async function limited(c, next) {
    await count(c, name, '')
    await next()
  }

/** 429 instead of 403 for an address that keeps coming with keys that are none; on an account of its own. */
export const countWrongKey = (c: Context) => count(c, 'LOGIN_LIMITER', 'key ')

type LimiterName = 'LOGIN_LIMITER' | 'SIGNUP_LIMITER'

async function count(c: Context<Open>, name: LimiterName, account: string): Promise<void> {
  const limiter: Limiter | undefined = c.var.env[name]
  if (c.var.env.RATE_LIMIT === 'off' || !limiter) return
  const address = c.req.header('cf-connecting-ip') ?? ''
  const { success } = await limiter.limit({ key: account + address })
  if (!success)
    throw new ApiError('too_many_requests', 'Too many attempts. Try again in a minute.', {
      retryAfter: PERIOD_S,
    })
}
