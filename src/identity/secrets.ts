// What SECRET_KEY is used for besides tokens: one key per purpose, derived with HKDF, so that no use
// can stand in for another. Also the hash under which API keys are stored.
const utf8 = new TextEncoder()

type Purpose = 'store api key' | 'new api key' | 'cursor' | 'idempotency'

/** `sha256:<hex>`: an API key is random, so a plain hash is enough and can be looked up. */
export async function hashKey(key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8.encode(key))
  return `sha256:${Buffer.from(digest).toString('hex')}`
}

/** AES-GCM under a key of its own: `aesgcm:<base64url of nonce and ciphertext>`. */
export async function encrypt(
  text: string,
  secret: string,
  purpose: 'store api key' | 'new api key' = 'store api key',
): Promise<string> {
  const key = await derive(secret, purpose, AES, ['encrypt'])
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, utf8.encode(text))
  return `aesgcm:${Buffer.concat([nonce, Buffer.from(sealed)]).toString('base64url')}`
}

/** The text that `encrypt` sealed. Throws for anything else. */
export async function decrypt(
  sealed: string,
  secret: string,
  purpose: 'store api key' | 'new api key',
): Promise<string> {
  const bytes = Buffer.from(sealed.replace(/^aesgcm:/, ''), 'base64url')
  const key = await derive(secret, purpose, AES, ['decrypt'])
  const nonce = { name: 'AES-GCM', iv: bytes.subarray(0, 12) }
  return Buffer.from(await crypto.subtle.decrypt(nonce, key, bytes.subarray(12))).toString()
}

/** HMAC of a text and bytes, to know a request again by without keeping what it said. */
export async function fingerprint(
  text: string,
  bytes: Uint8Array,
  secret: string,
): Promise<string> {
  const key = await derive(secret, 'idempotency', HMAC, ['sign'])
  const mac = await crypto.subtle.sign('HMAC', key, Buffer.concat([utf8.encode(text), bytes]))
  return Buffer.from(mac).toString('base64url')
}

const AES = { name: 'AES-GCM', length: 256 } as const
const HMAC = { name: 'HMAC', hash: 'SHA-256', length: 256 } as const

/** A position as `<base64url>.<base64url MAC>`, good only for the reader and filter named in `context`. */
export async function sealCursor(
  position: string,
  context: string,
  secret: string,
): Promise<string> {
  const key = await derive(secret, 'cursor', HMAC, ['sign'])
  const mac = await crypto.subtle.sign('HMAC', key, macInput(position, context))
  return `${Buffer.from(position).toString('base64url')}.${Buffer.from(mac).toString('base64url')}`
}

/** The position inside, or undefined unless we sealed it for this context. */
export async function openCursor(
  cursor: string,
  context: string,
  secret: string,
): Promise<string | undefined> {
  const [body = '', mac = ''] = cursor.split('.')
  const position = Buffer.from(body, 'base64url').toString()
  const key = await derive(secret, 'cursor', HMAC, ['verify'])
  const given = Buffer.from(mac, 'base64url')
  const ours = await crypto.subtle.verify('HMAC', key, given, macInput(position, context))
  return ours ? position : undefined
}

const macInput = (position: string, context: string) =>
  utf8.encode(JSON.stringify([context, position]))

async function derive(
  secret: string,
  purpose: Purpose,
  algorithm: { name: string; length: number; hash?: string },
  usages: ('encrypt' | 'decrypt' | 'sign' | 'verify')[],
) {
  const material = await crypto.subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, [
    'deriveKey',
  ])
  const from = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: utf8.encode(`flowgate ${purpose}`),
  }
  return crypto.subtle.deriveKey(from, material, algorithm, false, usages)
}
