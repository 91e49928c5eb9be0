// Tokens minted past the login, for users that a test wrote straight into the database.
import { SignJWT } from 'jose'
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
