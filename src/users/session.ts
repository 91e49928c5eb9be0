// /api/v1/login, /refresh, /logout: how a password becomes a pair of tokens.
import { sql } from 'drizzle-orm'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { validator } from 'hono/validator'
import { ensureStarterProject } from '../access/ownership.ts'
import type { Row } from '../db/client.ts'
import { now } from '../db/values.ts'
import { limited } from '../defence.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { userRow } from '../identity/authenticate.ts'
import { hashPassword, isBcrypt, verifyPassword } from '../identity/passwords.ts'
import { ACCESS_TTL_S, REFRESH_TTL_S, signToken, verifyToken } from '../identity/tokens.ts'
import { form } from '../params.ts'
import { Login } from './params.ts'
import { createFirstSuperuser, isNamed, userNamed } from './sign-up.ts'

const REFRESH_COOKIE = 'refresh_token_lf'
const ACCESS_COOKIE = 'access_token_lf'
const APIKEY_COOKIE = 'apikey_tkn_lflw'

/** `ready` comes after what can be judged without the database. */
export const session = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>()

    .post('/login', limited('LOGIN_LIMITER'), form(Login), ready, async (c) => {
      const user = await login(c.var, c.req.valid('form'))
      return c.json(await issueTokens(c, user))
    })

    // LangBuilder's clients ask; flowgate has no automatic login.
    .get('/auto_login', () => {
      throw new ApiError('bad_request', {
        message: 'Auto login is disabled. Please enable it in the settings',
        auto_login: false,
      })
    })

    .post('/refresh', refreshToken, ready, async (c) => {
      const token = c.req.valid('cookie')
      const { users } = await c.var.db.read({ users: userRow({ kind: 'user', ...token }) })
      const [user] = users
      if (!user?.is_active) throw invalidRefreshToken()
      return c.json(await issueTokens(c, user))
    })

    .post('/logout', (c) => {
      for (const name of [REFRESH_COOKIE, ACCESS_COOKIE, APIKEY_COOKIE])
        deleteCookie(c, name, { secure: true })
      return c.json({ message: 'Logout successful' })
    })

/** The user of the refresh cookie, by crypto alone. */
const refreshToken = validator('cookie', async (cookies, c: Context<Open>) => {
  try {
    return await verifyToken(cookies[REFRESH_COOKIE] ?? '', 'refresh', c.var.env.SECRET_KEY)
  } catch (cause) {
    throw invalidRefreshToken(cause)
  }
})

const invalidRefreshToken = (cause?: unknown) =>
  new ApiError('invalid_credentials', 'Invalid refresh token', { cause })

/** The user behind name and password. Says what is wrong with the account only to who knows its password. */
async function login(
  { db, env, requestId }: Open['Variables'],
  given: { username: string; password: string },
): Promise<Row> {
  let { users, superusers } = await db.read({
    users: userNamed(given.username),
    superusers: sql`SELECT 1 FROM user WHERE is_superuser LIMIT 1`,
  })
  if (
    !superusers[0] &&
    env.SUPERUSER !== undefined &&
    isNamed(env.SUPERUSER, given.username) &&
    given.password === env.SUPERUSER_PASSWORD
  ) {
    const hash = await hashPassword(given.password)
    await createFirstSuperuser(db, env.SUPERUSER, hash, requestId)
    ;({ users } = await db.read({ users: userNamed(env.SUPERUSER) }))
  }
  const [user] = users
  const stored = user && String(user.password)
  if (!(await verifyPassword(given.password, stored)) || !user || !stored) {
    throw new ApiError('invalid_credentials', 'Incorrect username or password')
  }
  if (!user.is_active) {
    if (user.last_login_at === null) throw new ApiError('bad_request', 'Waiting for approval')
    throw new ApiError('invalid_credentials', 'Inactive user')
  }
  const itself = { id: sql`${user.id}`, requestId }
  const kept = isBcrypt(stored) ? await hashPassword(given.password) : stored
  await db.write({
    // Only the hash that was verified is replaced: a password changed since then stays.
    seen: sql`UPDATE user SET last_login_at = ${now}, password = CASE password WHEN ${stored} THEN ${kept} ELSE password END
      WHERE id = ${user.id} AND is_active`,
    starter: ensureStarterProject(itself, sql`${user.id}`),
  })
  return user
}

const tokenOf = (user: Row) => ({
  userId: String(user.id),
  credentials: user.credentials_changed_at as string | null,
})

/**
 * The pair, in the body and in cookies. Nothing here reads the access cookie: LangBuilder's front end
 * wants it, scripts and other sites do not get it.
 */
async function issueTokens(c: Context<Open>, user: Row) {
  const secret = c.var.env.SECRET_KEY
  const access_token = await signToken(tokenOf(user), 'access', secret)
  const refresh_token = await signToken(tokenOf(user), 'refresh', secret)
  const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
  setCookie(c, REFRESH_COOKIE, refresh_token, { ...cookie, maxAge: REFRESH_TTL_S })
  setCookie(c, ACCESS_COOKIE, access_token, { ...cookie, maxAge: ACCESS_TTL_S })
  setCookie(c, APIKEY_COOKIE, String(user.store_api_key ?? 'None'), cookie)
  c.header('cache-control', 'no-store')
  return { access_token, refresh_token, token_type: 'bearer' }
}
