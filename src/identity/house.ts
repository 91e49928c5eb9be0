// The keys of the house: one for each purpose, derived from SECRET_KEY with HKDF, so that no use can stand
// in for another. While SECRET_KEY_PREVIOUS is there, what the secret before it made still opens.
import type { CryptoKey } from 'jose'

const utf8 = new TextEncoder()

/** The bindings that everything here is derived from. What is made, is made under the first. */
export type Secrets = {
  readonly SECRET_KEY: string
  readonly SECRET_KEY_PREVIOUS?: string | undefined
}

/** How the key of each purpose is used. What is sealed outlives a token: its name never changes. */
const purposes = {
  'access token': 'mac',
  'refresh token': 'mac',
  cursor: 'mac',
  idempotency: 'mac',
  attempt: 'mac',
  visit: 'mac',
  'store api key': 'seal',
  'new api key': 'seal',
} as const

export type Purpose = keyof typeof purposes
export type MacPurpose = { [P in Purpose]: (typeof purposes)[P] extends 'mac' ? P : never }[Purpose]
export type SealPurpose = Exclude<Purpose, MacPurpose>

/** `kid` names the secret and the purpose, and tells nothing of either. */
export type HouseKey = { readonly kid: string; readonly key: CryptoKey }

/** Settled keys of this isolate, by secret and purpose: it lives with one secret or two. */
const derived = new Map<string, HouseKey>()

/** The key of this purpose that makes, and after it the one that only still opens. */
export async function keysFor(
  { SECRET_KEY, SECRET_KEY_PREVIOUS }: Secrets,
  purpose: Purpose,
): Promise<[HouseKey, ...HouseKey[]]> {
  const current = await keyOf(SECRET_KEY, purpose)
  return SECRET_KEY_PREVIOUS ? [current, await keyOf(SECRET_KEY_PREVIOUS, purpose)] : [current]
}

/** The key that makes. */
export const keyFor = async (secrets: Secrets, purpose: Purpose): Promise<HouseKey> =>
  (await keysFor(secrets, purpose))[0]

async function keyOf(secret: string, purpose: Purpose): Promise<HouseKey> {
  const name = `${purpose}\n${secret}`
  const known = derived.get(name)
  if (known) return known
  const material = await crypto.subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ])
  const kid = await crypto.subtle.deriveBits(from(`kid of ${purpose}`), material, 64)
  const made: HouseKey = {
    kid: Buffer.from(kid).toString('base64url'),
    key: await (purposes[purpose] === 'mac'
      ? crypto.subtle.deriveKey(from(purpose), material, HMAC, false, ['sign', 'verify'])
      : crypto.subtle.deriveKey(from(purpose), material, AES, false, ['encrypt', 'decrypt'])),
  }
  derived.set(name, made)
  return made
}

const HMAC = { name: 'HMAC', hash: 'SHA-256', length: 256 } as const
const AES = { name: 'AES-GCM', length: 256 } as const

const from = (purpose: string) => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt: new Uint8Array(),
  info: utf8.encode(`flowgate ${purpose}`),
})
