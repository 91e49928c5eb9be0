// Cloudflare Access on loopback: a team whose keys are served where Access serves them, and the assertions that they sign.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export const AUDIENCE = '32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228'

type Key = { kid: string; alg: string } & Awaited<ReturnType<typeof generateKeyPair>>

export type Team = Awaited<ReturnType<typeof startTeam>>

export async function makeKey(kid: string, alg = 'RS256'): Promise<Key> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) }
}

/** As Access sends it for whoever signed in by an identity provider. */
export async function startTeam() {
  let keys = [await makeKey('first')]
  let asked = 0
  const server = createServer(async (request, response) => {
    if (request.url !== '/cdn-cgi/access/certs') {
      response.writeHead(404).end()
      return
    }
    asked++
    const published = keys.map(async ({ kid, alg, publicKey }) => ({
      ...(await exportJWK(publicKey)),
      ...{ kid, alg, use: 'sig' },
    }))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: await Promise.all(published), public_certs: [] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** `claims` replace those of Ada; one that is undefined is left out. */
  async function assert(claims: JWTPayload = {}, key = keys.at(-1)): Promise<string> {
    if (!key) throw new Error('The team has no key')
    const now = Math.floor(Date.now() / 1000)
    const said = {
      aud: [AUDIENCE],
      email: 'ada@example.com',
      exp: now + 300,
      iat: now,
      nbf: now,
      iss: issuer,
      type: 'app',
      sub: '7335d417-61da-459d-899c-0a01c76a2f94',
      country: 'US',
      ...claims,
    }
    return new SignJWT(said)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
      .sign(key.privateKey)
  }

  return {
    issuer,
    assert,
    bindings: { CF_ACCESS_TEAM_DOMAIN: issuer, CF_ACCESS_AUD: `${'0'.repeat(64)}, ${AUDIENCE}` },
    /** How often the keys were asked for. */
    get asked() {
      return asked
    },
    /** The header of a request of this person. */
    async as(name: string, claims: JWTPayload = {}) {
      const person = { sub: `subject of ${name}`, email: `${name}@example.com` }
      return { 'cf-access-jwt-assertion': await assert({ ...person, ...claims }) }
    },
    /** Signs with a new key from now on; the one before goes, as it does after a week. */
    async rotate(kid: string) {
      keys = [await makeKey(kid)]
    },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
