// Bearer tokens: HS256 through jose. An access token opens the API, a refresh token only a new pair.
import { type CryptoKey, errors, jwtVerify, SignJWT } from 'jose'
import { ApiError } from '../errors.ts'

const ISSUER = 'flowgate'
const AUDIENCE = 'flowgate'

export const ACCESS_TTL_S = 3600
export const REFRESH_TTL_S = 7 * 24 * 3600

export type TokenType = 'access' | 'refresh'
/** `credentials` is the user's `credentials_changed_at` when the token was made; once they differ, it is void. */
export type Token = { userId: string; credentials: string | null }

let imported: { secret: string; key: CryptoKey } | undefined

/** SECRET_KEY as the HMAC-SHA-256 key of tokens and cursors. An isolate has one and imports it once. */
export async function signingKey(secret: string): Promise<CryptoKey> {
  if (imported?.secret === secret) return imported.key
  const bytes = new TextEncoder().encode(secret)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify'])
  imported = { secret, key }
  return key
}

/** A signed token for a user (its id as 32 hex digits). */
export async function signToken(
  { userId, credentials }: Token,
  type: TokenType,
  secret: string,
): Promise<string> {
  const ttl = type === 'access' ? ACCESS_TTL_S : REFRESH_TTL_S
  return new SignJWT({ type, credentials })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(`${ttl}s`)
    .setJti(crypto.randomUUID())
    .sign(await signingKey(secret))
}

/** Pure crypto, no I/O. Throws ApiError 401 unless the token is ours, alive and of that type. */
export async function verifyToken(token: string, type: TokenType, secret: string): Promise<Token> {
  const claims = await readClaims(token, secret)
  if (typeof claims.sub !== 'string' || typeof claims.type !== 'string') {
    throw new ApiError('invalid_credentials', 'Invalid token details.')
  }
  const userId = claims.sub.replaceAll('-', '').toLowerCase()
  if (
    claims.type !== type ||
    claims.iss !== ISSUER ||
    claims.aud !== AUDIENCE ||
    !/^[0-9a-f]{32}$/.test(userId)
  ) {
    throw new ApiError('invalid_credentials', 'Could not validate credentials')
  }
  return { userId, credentials: typeof claims.credentials === 'string' ? claims.credentials : null }
}

async function readClaims(token: string, secret: string) {
  try {
    const { payload } = await jwtVerify(token, await signingKey(secret), {
      algorithms: ['HS256'],
      requiredClaims: ['exp'],
    })
    return payload
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause
    throw new ApiError('invalid_credentials', 'Could not validate credentials', { cause })
  }
}
