// What an id token says, judged: for whom it was made, when, in which visit, and whom it is about. Pure, but for the keys.
import type { JWTPayload } from 'jose'
import { ApiError } from '../errors.ts'
import { verifyAssertion } from '../identity/assertions.ts'
import type { Configuration } from '../identity/discovery.ts'
import type { Later } from '../identity/key-sets.ts'
import { GOOGLE, type Provider } from '../providers.ts'
import type { Person } from './person.ts'

/** Made for this visit, which takes ten minutes at most, and a minute for clocks. */
const MAX_AGE_S = 660

const MAX_GROUPS = 1000
const MAX_GROUP = 200

/** Throws 401 unless it is signed by the provider, for us and for this visit; 403 where the person is not let in. */
export async function readPerson(
  idToken: string,
  provider: Provider,
  { keysUrl }: Configuration,
  nonce: string,
  later: Later,
): Promise<Person> {
  const { issuer, client_id: audience } = provider
  const claims = await verifyAssertion(idToken, { issuer, audience, keysUrl, later })
  requireOurs(claims, audience, nonce, Date.now() / 1000)
  requireDomain(claims, provider)
  return toPerson(claims, provider)
}

export function requireOurs(
  { nonce: said, aud, azp, iat = 0 }: JWTPayload,
  clientId: string,
  nonce: string,
  nowS: number,
): void {
  if (said !== nonce) throw invalid('it was made for another sign-in')
  const isForSeveral = Array.isArray(aud) && aud.length > 1
  if (azp === undefined ? isForSeveral : azp !== clientId)
    throw invalid('it was made for another client')
  if (nowS - iat > MAX_AGE_S) throw invalid('it is too old')
}

const invalid = (reason: string) =>
  new ApiError('sign_in_invalid', `The id token cannot be accepted: ${reason}`)

/**
 * A mail address counts where the provider has verified it. Google signs people in without looking whether they still
 * have the address that they came with: there the domain that it vouches for counts.
 */
export function requireDomain(claims: JWTPayload, { issuer, allowed_domains }: Provider): void {
  if (!allowed_domains) return
  const { hd, email, email_verified } = claims
  const isVerified = email_verified === true || email_verified === 'true'
  const address = isVerified && typeof email === 'string' ? email : ''
  const domain = issuer === GOOGLE ? hd : /^.+@([^@]+)$/s.exec(address)?.[1]
  if (typeof domain !== 'string' || !allowed_domains.includes(domain.toLowerCase()))
    throw new ApiError(
      'sign_in_refused',
      'This account is of no domain that may sign in here, or its mail address is not verified.',
    )
}

export function toPerson(claims: JWTPayload, provider: Provider): Person {
  const { id, issuer, groups_claim, superuser_group, directory_claim } = provider
  const { sub, preferred_username, email, name } = claims
  if (typeof sub !== 'string' || sub === '' || !isStorable(sub, 255))
    throw invalid('it is about nobody')
  const groups = groups_claim === undefined ? undefined : groupsOf(claims, groups_claim)
  const known = directory_claim === undefined ? undefined : claims[directory_claim]
  return {
    bound: { issuer, subject: sub },
    source: id,
    names: [preferred_username, email, name].filter((one) => typeof one === 'string'),
    groups,
    isSuperuser: superuser_group === undefined ? undefined : groups?.includes(superuser_group),
    directorySubject: typeof known === 'string' && isStorable(known, 255) ? known : undefined,
  }
}

/** The groups of a claim; undefined where the provider says that there are too many to be listed. */
export function groupsOf(claims: JWTPayload, claim: string): string[] | undefined {
  const said = claims[claim]
  if (said === undefined && isOverage(claims, claim)) return undefined
  const groups = (Array.isArray(said) ? said : [said]).filter(
    (group): group is string =>
      typeof group === 'string' && group !== '' && isStorable(group, MAX_GROUP),
  )
  return [...new Set(groups)].slice(0, MAX_GROUPS)
}

/** Entra ID names where else they could be asked for, or only that there are some. */
const isOverage = ({ _claim_names: names, hasgroups }: JWTPayload, claim: string) =>
  (typeof names === 'object' && names !== null && claim in names) ||
  hasgroups === true ||
  hasgroups === 'true'

const isStorable = (text: string, max: number) =>
  text.length <= max && text.isWellFormed() && !text.includes('\0')
