// Bearer tokens: HS256 through jose, each type under a key of its own. An access token opens the API, a
// refresh token only a new pair. Behind both stands a session, which is looked up by whoever asks the database.
import { type JWTPayload, jwtVerify, SignJWT } from 'jose'
import * as errors from 'jose/errors'
import { ApiError } from '../errors.ts'
import { keyFor, keysFor, type Secrets } from './house.ts'

const ISSUER = 'flowgate'

export const ACCESS_TTL_S = 3600
export const REFRESH_TTL_S = 7 * 24 * 3600

type TokenType = 'access' | 'refresh'

/** `round` counts how often the session has been renewed when the token was made. */
export type Token = { userId: string; sessionId: string; round: number }

/** A signed token (ids as 32 hex digits). It has no `aud`: LangBuilder's own decoder refuses one. */
export async function signToken(
  { userId, sessionId, round }: Token,
  type: TokenType,
  secrets: Secrets,
): Promise<string> {
  const { kid, key } = await keyFor(secrets, `${type} token`)
  return new SignJWT({ type, sid: sessionId, round })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setIssuedAt()
    .setExpirationTime(`${type === 'access' ? ACCESS_TTL_S : REFRESH_TTL_S}s`)
    .setJti(crypto.randomUUID())
    .sign(key)
}

/**
 * Pure crypto, no I/O. Throws ApiError 401 unless the token is ours, of that type, and not over for longer
 * than `graceS`.
 */
export async function verifyToken(
  token: string,
  type: TokenType,
  secrets: Secrets,
  { graceS = 0 } = {},
): Promise<Token> {
  const keys = await keysFor(secrets, `${type} token`)
  const find = ({ kid }: { kid?: string }) => {
    const named = keys.find((key) => key.kid === kid)
    if (!named) throw new errors.JWKSNoMatchingKey()
    return named.key
  }
  const { payload } = await jwtVerify(token, find, {
    algorithms: ['HS256'],
    issuer: ISSUER,
    typ: 'JWT',
    requiredClaims: ['sub', 'type', 'exp', 'sid', 'round'],
    clockTolerance: graceS,
  }).catch(refuse)
  return toToken(payload, type)
}

function toToken({ sub, type, sid, round }: JWTPayload, expected: TokenType): Token {
  const isId = (claim: unknown) => /^[0-9a-f]{32}$/.test(String(claim))
  if (type !== expected || !isId(sub) || !isId(sid) || !Number.isSafeInteger(round)) throw invalid()
  return { userId: String(sub), sessionId: String(sid), round: Number(round) }
}

function refuse(cause: unknown): never {
  if (!(cause instanceof errors.JOSEError)) throw cause
  const lacks =
    cause instanceof errors.JWTClaimValidationFailed &&
    cause.reason === 'missing' &&
    ['sub', 'type'].includes(cause.claim)
  if (lacks) throw new ApiError('invalid_credentials', 'Invalid token details.', { cause })
  throw invalid(cause)
}

const invalid = (cause?: unknown) =>
  new ApiError('invalid_credentials', 'Could not validate credentials', { cause })
