// An OpenID provider that says what it is and nothing else, for tests that walk all routes: with it they are there.
// One for all files of a process, which it does not keep alive.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export const PAPER = 'paper'

const server = createServer((asked, answer) => {
  const isDocument = asked.url === '/.well-known/openid-configuration'
  answer.writeHead(isDocument ? 200 : 400, { 'content-type': 'application/json' })
  answer.end(
    JSON.stringify(
      isDocument
        ? {
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/keys`,
          }
        : { error: 'invalid_request' },
    ),
  )
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
server.unref()
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** What switches signing in with a company on. */
export const paperProvider = {
  OIDC_PROVIDERS: JSON.stringify([
    { id: PAPER, issuer, client_id: 'flowgate', client_secret: 'a secret on paper' },
  ]),
}
