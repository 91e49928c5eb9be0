// /api/v1/login, /refresh, /logout: how a password becomes a pair of tokens.
import { sql } from 'drizzle-orm'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { validator } from 'hono/validator'
import { ensureStarterProject } from '../access/ownership.ts'
import { hashPassword, verifyPassword } from '../access/passwords.ts'
import { ACCESS_TTL_S, REFRESH_TTL_S, signToken, verifyToken } from '../access/tokens.ts'
import type { Row } from '../db/client.ts'
import { now } from '../db/values.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { form } from '../params.ts'
import { Login } from './params.ts'
import { createFirstSuperuser } from './query.ts'

const REFRESH_COOKIE = 'refresh_token_lf'
const ACCESS_COOKIE = 'access_token_lf'
const APIKEY_COOKIE = 'apikey_tkn_lflw'

/** `ready` comes after what can be judged without the database. */
export const session = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>()

    .post('/login', form(Login), ready, async (c) => {
      const user = await login(c.var, c.req.valid('form'))
      return c.json(await issueTokens(c, user))
    })

    .post('/refresh', refreshToken, ready, async (c) => {
      const [users] = await c.var.db.read(
        sql`SELECT * FROM user WHERE id = ${c.req.valid('cookie').userId} AND is_active`,
      )
      if (!users?.[0]) throw invalidRefreshToken()
      return c.json(await issueTokens(c, users[0]))
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
  let [users, superusers] = await db.read(
    byName(given.username),
    sql`SELECT 1 FROM user WHERE is_superuser LIMIT 1`,
  )
  if (
    !superusers?.[0] &&
    given.username === env.SUPERUSER &&
    given.password === env.SUPERUSER_PASSWORD
  ) {
    const hash = await hashPassword(given.password)
    await createFirstSuperuser(db, given.username, hash, requestId)
    ;[users] = await db.read(byName(given.username))
  }
  const user = users?.[0]
  if (!(await verifyPassword(given.password, user && String(user.password))) || !user) {
    throw new ApiError('invalid_credentials', 'Incorrect username or password')
  }
  if (!user.is_active) {
    if (user.last_login_at === null) throw new ApiError('bad_request', 'Waiting for approval')
    throw new ApiError('invalid_credentials', 'Inactive user')
  }
  await db.write(
    sql`UPDATE user SET last_login_at = ${now} WHERE id = ${user.id} AND is_active`,
    ...ensureStarterProject(
      { kind: 'user', userId: String(user.id), issuedAt: 0, requestId },
      sql`${user.id}`,
    ),
  )
  return user
}

const byName = (username: string) => sql`SELECT * FROM user WHERE username = ${username}`

async function issueTokens(c: Context<Open>, user: Row) {
  const secret = c.var.env.SECRET_KEY
  const access_token = await signToken(String(user.id), 'access', secret)
  const refresh_token = await signToken(String(user.id), 'refresh', secret)
  const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
  setCookie(c, REFRESH_COOKIE, refresh_token, { ...cookie, maxAge: REFRESH_TTL_S })
  setCookie(c, ACCESS_COOKIE, access_token, { ...cookie, maxAge: ACCESS_TTL_S })
  setCookie(c, APIKEY_COOKIE, String(user.store_api_key ?? 'None'), cookie)
  return { access_token, refresh_token, token_type: 'bearer' }
}
