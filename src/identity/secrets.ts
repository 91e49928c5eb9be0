// What is sealed, signed and known again under the keys of the house, and the hash under which API keys
// are stored.
import type { CryptoKey } from 'jose'
import { keyFor, keysFor, type MacPurpose, type SealPurpose, type Secrets } from './house.ts'

const utf8 = new TextEncoder()

/** `sha256:<hex>`: an API key is random, so a plain hash is enough and can be looked up. */
export async function hashKey(key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8.encode(key))
  return `sha256:${Buffer.from(digest).toString('hex')}`
}

/** AES-GCM under a key of its own: `aesgcm:<base64url of nonce and ciphertext>`. */
export async function encrypt(
  text: string,
  secrets: Secrets,
  purpose: SealPurpose,
): Promise<string> {
  const { key } = await keyFor(secrets, purpose)
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, utf8.encode(text))
  return `aesgcm:${Buffer.concat([nonce, Buffer.from(sealed)]).toString('base64url')}`
}

/** The text that `encrypt` sealed, under the secret of now or the one before. Throws for anything else. */
export async function decrypt(
  sealed: string,
  secrets: Secrets,
  purpose: SealPurpose,
): Promise<string> {
  const bytes = Buffer.from(sealed.replace(/^aesgcm:/, ''), 'base64url')
  const nonce = { name: 'AES-GCM', iv: bytes.subarray(0, 12) }
  const open = async (key: CryptoKey) =>
    Buffer.from(await crypto.subtle.decrypt(nonce, key, bytes.subarray(12))).toString()
  const [current, previous] = await keysFor(secrets, purpose)
  return previous ? open(current.key).catch(() => open(previous.key)) : open(current.key)
}

/** HMACs of a text and bytes, to know a request again by without keeping what it said: under the secret of now, and the one before. */
export async function fingerprints(
  text: string,
  bytes: Uint8Array,
  secrets: Secrets,
): Promise<[string, ...string[]]> {
  const [current, ...previous] = await keysFor(secrets, 'idempotency')
  const input = Buffer.concat([utf8.encode(text), bytes])
  const under = async ({ key }: { key: CryptoKey }) =>
    Buffer.from(await crypto.subtle.sign('HMAC', key, input)).toString('base64url')
  return [await under(current), ...(await Promise.all(previous.map(under)))]
}

/** HMAC of a text under the secret of now: what it was, nobody can tell from it. */
export async function fingerprintOf(
  text: string,
  purpose: MacPurpose,
  secrets: Secrets,
): Promise<string> {
  const { key } = await keyFor(secrets, purpose)
  return Buffer.from(await crypto.subtle.sign('HMAC', key, utf8.encode(text))).toString('base64url')
}

/** A position as `<base64url>.<base64url MAC>`, good only for the reader and filter named in `context`. */
export async function sealCursor(
  position: string,
  context: string,
  secrets: Secrets,
): Promise<string> {
  const { key } = await keyFor(secrets, 'cursor')
  const mac = await crypto.subtle.sign('HMAC', key, macInput(position, context))
  return `${Buffer.from(position).toString('base64url')}.${Buffer.from(mac).toString('base64url')}`
}

/** The position inside, or undefined unless we sealed it for this context. */
export async function openCursor(
  cursor: string,
  context: string,
  secrets: Secrets,
): Promise<string | undefined> {
  if (/[^\w.-]/.test(cursor)) return undefined
  const [body = '', mac = ''] = cursor.split('.')
  const position = Buffer.from(body, 'base64url').toString()
  const given = Buffer.from(mac, 'base64url')
  for (const { key } of await keysFor(secrets, 'cursor'))
    if (await crypto.subtle.verify('HMAC', key, given, macInput(position, context))) return position
  return undefined
}

const macInput = (position: string, context: string) =>
  utf8.encode(JSON.stringify([context, position]))
