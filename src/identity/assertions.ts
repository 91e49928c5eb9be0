// Signed tokens of others: the id tokens of OpenID providers, and what Cloudflare Access says of whoever passed it.
import { createLocalJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as errors from 'jose/errors'
import { ApiError } from '../errors.ts'
import { keysAt, type Later, newerKeysAt } from './key-sets.ts'

/** None that a secret signs: the key of a provider is public. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const

/** How far the clocks of others may be off. */
const TOLERANCE_S = 30

/** With room for a few hundred groups. */
const MAX_CHARACTERS = 32 * 1024

export type Expected = {
  issuer: string
  /** One of them is enough. */
  audience: string | string[]
  /** Where the public keys of the issuer are. */
  keysUrl: string
  algorithms?: readonly (typeof ALGORITHMS)[number][]
  later?: Later
}

/** Throws 401 unless the token is the issuer's, for this audience and not over; 503 where its keys cannot be had. */
export async function verifyAssertion(token: string, expected: Expected): Promise<JWTPayload> {
  const { issuer, audience, keysUrl, algorithms = ALGORITHMS, later } = expected
  if (token.length > MAX_CHARACTERS) throw invalid('it is too long')
  try {
    const { payload } = await jwtVerify(token, keyAt(keysUrl, later), {
      algorithms: [...algorithms],
      issuer,
      audience,
      requiredClaims: ['exp', 'iat'],
      clockTolerance: TOLERANCE_S,
    })
    if ((payload.iat ?? 0) > Date.now() / 1000 + TOLERANCE_S) throw invalid('it is of the future')
    return payload
  } catch (error) {
    throw error instanceof errors.JOSEError ? invalid(reasonOf(error), error) : error
  }
}

/** A key that the set does not name may be new: then the set is asked for again, within its limits. */
const keyAt =
  (url: string, later?: Later): JWTVerifyGetKey =>
  async (header, token) => {
    const find = createLocalJWKSet(await keysAt(url, later))
    try {
      return await find(header, token)
    } catch (error) {
      const newer =
        error instanceof errors.JWKSNoMatchingKey ? await newerKeysAt(url, later) : undefined
      if (!newer) throw error
      return createLocalJWKSet(newer)(header, token)
    }
  }

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its ${error.claim} is not acceptable`
  if (error instanceof errors.JWKSNoMatchingKey) return 'its key is unknown'
  return 'its signature cannot be verified'
}

const invalid = (reason: string, cause?: unknown) =>
  new ApiError('sign_in_invalid', `What the identity provider says cannot be accepted: ${reason}`, {
    cause,
  })
