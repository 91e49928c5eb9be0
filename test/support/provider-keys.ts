// Keys of a provider, and tokens under them that it would never issue itself.
import { randomUUID } from 'node:crypto'
import {
  base64url,
  type CryptoKey,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose'
import type { CompanyProvider, Said } from './provider.ts'

export type KeySet = { alg: string; kid: string; key: CryptoKey; private: JWK[]; public: JWK }

export async function newKeys(alg: string): Promise<KeySet> {
  const kid = randomUUID()
  const options = { extractable: true, ...(alg === 'EdDSA' ? { crv: 'Ed25519' } : {}) }
  const { privateKey: key, publicKey } = await generateKeyPair(alg, options)
  return {
    alg,
    kid,
    key,
    private: [{ ...(await exportJWK(key)), kid, alg, use: 'sig' }],
    public: await exportJWK(publicKey),
  }
}

export type Forgery = {
  /** In place of what the provider says, or taken out where undefined. */
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  /** Another key than the provider's; `none` is no signature at all. */
  key?: CryptoKey | Uint8Array | 'none'
}

/** The provider's answer with another ID token in it: under its own key, but for what is said otherwise. */
export const forging =
  (
    { keys }: Pick<CompanyProvider, 'keys'>,
    { claims = {}, header = {}, key = keys.key }: Forgery,
  ) =>
  async (said: Said): Promise<Said> => {
    if (said.status !== 200) return said
    const body = JSON.parse(said.body)
    const told = { ...decodeJwt(body.id_token), ...claims }
    const head = { alg: keys.alg, kid: keys.kid, ...header }
    const id_token =
      key === 'none'
        ? `${base64url.encode(JSON.stringify(head))}.${base64url.encode(JSON.stringify(told))}.`
        : await new SignJWT(told).setProtectedHeader(head).sign(key)
    return { ...said, body: JSON.stringify({ ...body, id_token }) }
  }
