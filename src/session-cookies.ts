// The cookies of a session: set where one begins or goes on, whoever signed in and how, and taken away at its end.
import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { cookiesFor } from './cookies.ts'
import type { Open } from './env.ts'
import { ACCESS_TTL_S, REFRESH_TTL_S, signToken, type Token } from './identity/tokens.ts'

export const REFRESH_COOKIE = 'refresh_token_lf'
export const ACCESS_COOKIE = 'access_token_lf'
const APIKEY_COOKIE = 'apikey_tkn_lflw'

/** Stands for a store key that is there: clients learn that it is, and nobody reads it, not even sealed. */
export const storeKeyMask = '********'

/** What a pair of tokens is made of. */
export type NewSession = { token: Token; hasStoreKey: boolean }

/** The pair, in the body and in cookies. */
export async function issueTokens(c: Context<Open>, { token, hasStoreKey }: NewSession) {
  const access_token = await signToken(token, 'access', c.var.env)
  const refresh_token = await signToken(token, 'refresh', c.var.env)
  const { hidden, readable } = cookiesFor(c)
  setCookie(c, REFRESH_COOKIE, refresh_token, { ...hidden, maxAge: REFRESH_TTL_S })
  setCookie(c, ACCESS_COOKIE, access_token, { ...readable, maxAge: ACCESS_TTL_S })
  setCookie(c, APIKEY_COOKIE, hasStoreKey ? storeKeyMask : 'None', readable)
  return { access_token, refresh_token, token_type: 'bearer' }
}

export function dropTokens(c: Context<Open>): void {
  const { hidden, readable } = cookiesFor(c)
  deleteCookie(c, REFRESH_COOKIE, hidden)
  for (const name of [ACCESS_COOKIE, APIKEY_COOKIE]) deleteCookie(c, name, readable)
}
