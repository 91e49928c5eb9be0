// /api/v1/login, /refresh, /logout: how a password becomes a session with its pair of tokens, and how it ends.
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { limited, networkOf } from '../defence.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { attemptOf, uncounted } from '../identity/attempts.ts'
import { bearerOf } from '../identity/authenticate.ts'
import { SESSION_DAYS } from '../identity/sessions.ts'
import { type Token, verifyToken } from '../identity/tokens.ts'
import { form } from '../params.ts'
import { ACCESS_COOKIE, dropTokens, issueTokens, REFRESH_COOKIE } from '../session-cookies.ts'
import { object, oneOf, text, titled } from '../wire.ts'
import { Login } from './params.ts'
import { invalidRefreshToken, recordFailure, renewSession, signIn, signOut } from './sign-in.ts'

const Tokens = titled(
  'Tokens',
  object({ access_token: text, refresh_token: text, token_type: oneOf('bearer') }),
)

/** `ready` comes after what can be judged without the database. */
export const session = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>()

    .post(
      '/login',
      about({
        summary: 'Exchange name and password for tokens',
        open: true,
        gives: Tokens,
        headers: ['Set-Cookie'],
        errors: [
          'bad_request',
          'invalid_credentials',
          'forbidden',
          'conflict',
          'too_many_requests',
        ],
      }),
      limited('LOGIN_LIMITER'),
      form(Login),
      ready,
      async (c) => {
        const given = c.req.valid('form')
        const isLimited = c.var.env.RATE_LIMIT !== 'off'
        const attempt = isLimited ? await attemptOf(given, networkOf(c), c.var.env) : uncounted
        const signedIn = await signIn(c.var, given, attempt, c.req.header('user-agent')).catch(
          (error) => {
            if (error instanceof ApiError && error.code === 'invalid_credentials')
              c.executionCtx.waitUntil(recordFailure(c.var, given.username).catch(() => {}))
            throw error
          },
        )
        return c.json(await issueTokens(c, signedIn))
      },
    )

    // LangBuilder's clients ask; flowgate has no automatic login.
    .get(
      '/auto_login',
      about({
        summary: 'Always refused: nobody is logged in without a password',
        open: true,
        reads: 'settings',
        refused: true,
        errors: ['bad_request'],
      }),
      () => {
        throw new ApiError('bad_request', {
          message: 'Auto login is disabled. Please enable it in the settings',
          auto_login: false,
        })
      },
    )

    .post(
      '/refresh',
      about({
        summary:
          'Exchange the refresh cookie for new tokens; one that was used before ends its session',
        open: true,
        gives: Tokens,
        headers: ['Set-Cookie'],
        cookies: ['refresh_token_lf'],
        errors: ['invalid_credentials', 'forbidden'],
      }),
      async (c) => {
        const given = getCookie(c, REFRESH_COOKIE) ?? ''
        const token = await verifyToken(given, 'refresh', c.var.env).catch(asInvalid)
        await ready(c, async () => {})
        return c.json(await issueTokens(c, await renewSession(c.var, token)))
      },
    )

    // Signed out is signed out: whoever has no session, or none any more, gets the same answer.
    .post(
      '/logout',
      about({
        summary: 'End the session, with both its tokens, and delete the cookies',
        open: true,
        gives: object({ message: text }),
        headers: ['Set-Cookie'],
        cookies: ['access_token_lf', 'refresh_token_lf'],
        errors: ['forbidden'],
      }),
      async (c) => {
        const tokens = await tokensOf(c)
        if (tokens.length > 0) {
          await ready(c, async () => {})
          await signOut(c.var, tokens)
        }
        // Not before: while the session stands, who cannot end it keeps what it takes to try again.
        dropTokens(c)
        return c.json({ message: 'Logout successful' })
      },
    )

function asInvalid(cause: unknown): never {
  if (!(cause instanceof ApiError)) throw cause
  throw invalidRefreshToken(cause)
}

/** Whatever a client may hold of its sessions; a token that is over still names the one to end. */
async function tokensOf(c: Context<Open>): Promise<Token[]> {
  const graceS = SESSION_DAYS * 24 * 3600
  const given = [
    ['access', bearerOf(c.req)],
    ['access', getCookie(c, ACCESS_COOKIE)],
    ['refresh', getCookie(c, REFRESH_COOKIE)],
  ] as const
  const tokens = given.flatMap(([type, text]) =>
    text ? [verifyToken(text, type, c.var.env, { graceS }).catch(() => undefined)] : [],
  )
  return (await Promise.all(tokens)).filter((token) => token !== undefined)
}
