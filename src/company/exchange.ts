// The way to a provider, and what is bought there for the code that somebody brings back.
import { ApiError } from '../errors.ts'
import type { Configuration } from '../identity/discovery.ts'
import { fetchJson } from '../identity/fetch-json.ts'
import { GOOGLE, type Provider } from '../providers.ts'
import type { Callback } from './params.ts'
import { challengeOf, stale, type Visit } from './visit.ts'

/** Where the browser is sent: code, PKCE, state and nonce. */
export async function addressFor(
  visit: Visit,
  provider: Provider,
  { authorizationEndpoint }: Configuration,
  redirectUri: string,
): Promise<string> {
  const url = new URL(authorizationEndpoint)
  const asked = {
    response_type: 'code',
    client_id: provider.client_id,
    redirect_uri: redirectUri,
    scope: provider.scopes,
    state: visit.state,
    nonce: visit.nonce,
    code_challenge: await challengeOf(visit),
    code_challenge_method: 'S256',
    // Whoever binds an account says there who they are: the browser may be signed in as somebody else.
    ...(visit.binds ? { prompt: provider.issuer === GOOGLE ? 'select_account' : 'login' } : {}),
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  return url.href
}

/**
 * The code of an answer that is this provider's. Throws 401 for one that another provider gave, 403 where the provider
 * says no, 503 where it cannot say.
 */
export function codeOf(
  { code, iss, error }: Callback,
  issuer: string,
  { namesItself }: Configuration,
): string {
  if (iss === undefined ? namesItself : iss !== issuer)
    throw new ApiError('sign_in_invalid', 'Another identity provider has answered than was asked.')
  if (error === 'temporarily_unavailable' || error === 'server_error')
    throw new ApiError('provider_unavailable', 'The identity provider is not ready. Try again.', {
      retryAfter: 5,
    })
  if (error !== undefined)
    throw new ApiError(
      'sign_in_refused',
      `The identity provider says no${inWord(error)}. Its administrator knows why.`,
    )
  if (!code) throw new ApiError('sign_in_invalid', 'The identity provider has sent no code.')
  return code
}

/** A word that came from elsewhere, if it is one. */
const inWord = (said: unknown) =>
  typeof said === 'string' && /^[\w.-]{1,60}$/.test(said) ? ` (${said})` : ''

/** Exchanges the code for an id token. A code that was used before is one of a sign-in that is over: 400. */
export async function exchange(
  code: string,
  visit: Visit,
  { client_id, client_secret }: Provider,
  { tokenEndpoint, clientAuthentication }: Configuration,
  redirectUri: string,
): Promise<string> {
  const isBasic = clientAuthentication === 'basic'
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: visit.verifier,
    ...(isBasic ? {} : { client_id, client_secret }),
  })
  const { status, body } = await fetchJson(tokenEndpoint, {
    form,
    ...(isBasic ? { authorization: basic(client_id, client_secret) } : {}),
  })
  const { id_token: idToken, error } = (body ?? {}) as { id_token?: unknown; error?: unknown } // of a stranger: looked at below
  if (error === 'invalid_grant') throw stale()
  if (status !== 200)
    throw new ApiError(
      'sign_in_invalid',
      `The identity provider does not take this code from us${inWord(error)}: the operator should look at the client's id, secret and redirect address.`,
    )
  if (typeof idToken !== 'string')
    throw new ApiError(
      'sign_in_invalid',
      'The identity provider has sent no id token: the scope openid may not be allowed.',
    )
  return idToken
}

/** As OAuth wants it: each of the two in the spelling of forms. */
function basic(id: string, secret: string): string {
  const [name, word] = [id, secret].map((text) =>
    new URLSearchParams({ x: text }).toString().slice(2),
  )
  return `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`
}
