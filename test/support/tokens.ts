// Tokens minted past the login, for users that a test wrote straight into the database. Behind each stands
// the session that `sessionsOfAll` puts there: its id is that of the user.
import { HonoRequest } from 'hono/request'
import { SignJWT } from 'jose'
import { type Credential, readCredential } from '../../src/identity/authenticate.ts'
import { keyFor } from '../../src/identity/house.ts'
import { SECRET_KEY } from './flowgate.ts'

/** A session for each user that has none: as if all of them had just signed in. */
export const sessionsOfAll = `INSERT OR REPLACE INTO flowgate_session (id, user_id, created_at, expires_at, round, renewed_at)
  SELECT id, id, strftime('%Y-%m-%d %H:%M:%f000', 'now'), strftime('%Y-%m-%d %H:%M:%f000', 'now', '+30 days'), 0,
    strftime('%Y-%m-%d %H:%M:%f000', 'now') FROM user`

/** A token as flowgate itself would sign it; `claims` spoil it. */
export async function mintToken(
  userId: string,
  claims: Record<string, unknown> = {},
  SECRET = SECRET_KEY,
): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000)
  const id = userId.replaceAll('-', '')
  const type = claims.type === 'refresh' ? 'refresh' : 'access'
  const { kid, key } = await keyFor({ SECRET_KEY: SECRET }, `${type} token`)
  return new SignJWT({
    type,
    sub: id,
    sid: id,
    round: 0,
    iss: 'flowgate',
    iat: issuedAt,
    exp: issuedAt + 3600,
    jti: crypto.randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
    .sign(key)
}

/** What a request of this user proves, as the middleware reads it. */
export async function credentialOf(userId: string): Promise<Credential> {
  const headers = { authorization: `Bearer ${await mintToken(userId)}` }
  const request = new HonoRequest(new Request('http://flowgate.test', { headers }))
  return readCredential(request, '', { SECRET_KEY }, 'reading')
}
