// Tokens minted past the login, for users that a test wrote straight into the database.
import { HonoRequest } from 'hono/request'
import { SignJWT } from 'jose'
import { type Credential, readCredential } from '../../src/identity/authenticate.ts'
import { SECRET_KEY } from './flowgate.ts'

/** An access token as flowgate itself would sign it; `claims` spoil it. */
export function mintToken(
  userId: string,
  claims: Record<string, unknown> = {},
  key = SECRET_KEY,
): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000)
  return new SignJWT({
    type: 'access',
    sub: userId,
    iss: 'flowgate',
    aud: 'flowgate',
    iat: issuedAt,
    exp: issuedAt + 3600,
    jti: crypto.randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(key))
}

/** What a request of this user proves, as the middleware reads it. */
export async function credentialOf(userId: string): Promise<Credential> {
  const headers = { authorization: `Bearer ${await mintToken(userId)}` }
  const request = new HonoRequest(new Request('http://flowgate.test', { headers }))
  return readCredential(request, '', SECRET_KEY)
}
