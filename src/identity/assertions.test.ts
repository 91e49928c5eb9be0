import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { ApiError } from '../errors.ts'
import { verifyAssertion } from './assertions.ts'

const ISSUER = 'https://issuer.test'
const AUDIENCE = 'flowgate'
const MINUTE_MS = 60_000

type Pair = { kid: string; alg: string; pair: Awaited<ReturnType<typeof generateKeyPair>> }

async function makeKey(kid: string, alg = 'ES256'): Promise<Pair> {
  return { kid, alg, pair: await generateKeyPair(alg, { extractable: true }) }
}

const publicJwk = async ({ kid, alg, pair }: Pair) => ({
  ...(await exportJWK(pair.publicKey)),
  ...{ kid, alg, use: 'sig' },
})

const claims = (): JWTPayload => {
  const now = Math.floor(Date.now() / 1000)
  return { iss: ISSUER, aud: AUDIENCE, sub: 'ada', iat: now, exp: now + 300 }
}

const sign = ({ kid, alg, pair }: Pair, changed: JWTPayload = {}) =>
  new SignJWT({ ...claims(), ...changed }).setProtectedHeader({ alg, kid }).sign(pair.privateKey)

/** A provider's keys on loopback, at an address of its own: what it answers can be changed, and how often is counted. */
async function startKeys(...keys: Pair[]) {
  const provider = {
    asked: 0,
    keysUrl: '',
    answer: (_: ServerResponse): unknown => undefined,
    publish(...published: Pair[]) {
      provider.answer = async (response) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ keys: await Promise.all(published.map(publicJwk)) }))
      }
    },
    verify: (token: string, audience: string | string[] = AUDIENCE) =>
      verifyAssertion(token, { issuer: ISSUER, audience, keysUrl: provider.keysUrl }),
  }
  provider.publish(...keys)
  const server = createServer((_, response) => {
    provider.asked++
    provider.answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  provider.keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  return provider
}

const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('was accepted'),
    ({ code, message, retryAfter }: ApiError) => ({ code, message, retryAfter }),
  )
const invalid = (reason: string) => ({
  code: 'sign_in_invalid',
  message: expect.stringContaining(reason),
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})
afterEach(() => {
  vi.useRealTimers()
})
const passes = (ms: number) => vi.setSystemTime(Date.now() + ms)

test.each(['RS256', 'ES256', 'EdDSA'])('%s by a key of the set is accepted', async (alg) => {
  const key = await makeKey('one', alg)
  const provider = await startKeys(await makeKey('other'), key)
  expect(await provider.verify(await sign(key))).toMatchObject({ iss: ISSUER, sub: 'ada' })
  expect(await provider.verify(await sign(key), ['else', AUDIENCE])).toMatchObject({ sub: 'ada' })
  const both = await sign(key, { aud: ['else', AUDIENCE] })
  expect(await provider.verify(both)).toMatchObject({ sub: 'ada' })
  expect(provider.asked).toBe(1)
})

test('what another signed, or a secret, or nobody, is refused', async () => {
  const key = await makeKey('one', 'RS256')
  const provider = await startKeys(key)
  const spki = new TextEncoder().encode(await exportSPKI(key.pair.publicKey))
  const header = (alg: string) => ({ alg, kid: 'one' })
  const bySecret = await new SignJWT(claims()).setProtectedHeader(header('HS256')).sign(spki)
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const byNobody = `${encode(header('none'))}.${encode(claims())}.`
  const byThief = await sign(await makeKey('one', 'RS256'))
  const RS512 = await sign({ ...key, alg: 'RS512', pair: await generateKeyPair('RS512') })
  const cut = (await sign(key)).slice(0, -8)
  for (const token of [bySecret, byNobody, byThief, RS512, cut, 'a.b.c', '', 'x'.repeat(40_000)])
    expect(await refused(provider.verify(token))).toMatchObject({ code: 'sign_in_invalid' })
  expect(provider.asked).toBe(1)
})

test('a key that makes no signatures, or is a secret, verifies none', async () => {
  const key = await makeKey('one')
  const provider = await startKeys(key)
  const jwk = await publicJwk(key)
  const secret = { kty: 'oct', kid: 'two', k: 'c2VjcmV0' }
  provider.answer = (response) =>
    response.end(JSON.stringify({ keys: [{ ...jwk, use: 'enc' }, secret] }))
  expect(await refused(provider.verify(await sign(key)))).toMatchObject(invalid('key is unknown'))
})

test('times, issuer and audience are what they must be, but for 30 seconds', async () => {
  const key = await makeKey('one')
  const provider = await startKeys(key)
  const now = Math.floor(Date.now() / 1000)
  const accepted = [{ exp: now - 25 }, { nbf: now + 25 }, { iat: now + 25 }]
  for (const change of accepted)
    expect(await provider.verify(await sign(key, change))).toMatchObject({ sub: 'ada' })
  const refusals: [JWTPayload, string][] = [
    [{ exp: now - 31 }, 'it has expired'],
    [{ nbf: now + 35 }, 'nbf'],
    [{ iat: now + 35 }, 'of the future'],
    [{ exp: undefined } as never, 'exp'],
    [{ iat: undefined } as never, 'iat'],
    [{ iss: 'https://issuer.test/' }, 'iss'],
    [{ iss: undefined } as never, 'iss'],
    [{ aud: 'else' }, 'aud'],
    [{ aud: ['else', 'FLOWGATE'] }, 'aud'],
    [{ aud: [] }, 'aud'],
    [{ aud: undefined } as never, 'aud'],
  ]
  for (const [change, reason] of refusals)
    expect(await refused(provider.verify(await sign(key, change)))).toMatchObject(invalid(reason))
})

test('rotated keys are found at once, and the ones before them no more', async () => {
  const [old, young] = [await makeKey('old'), await makeKey('young')]
  const provider = await startKeys(old)
  await provider.verify(await sign(old))
  passes(MINUTE_MS)
  provider.publish(young)
  expect(await provider.verify(await sign(young))).toMatchObject({ sub: 'ada' })
  expect(await refused(provider.verify(await sign(old)))).toMatchObject(invalid('key is unknown'))
  expect(provider.asked).toBe(2)
})

test('a storm of unknown keys asks once a minute, and those who are known go on', async () => {
  const key = await makeKey('one')
  const provider = await startKeys(key)
  await provider.verify(await sign(key))
  const storm = async () => {
    const tokens = Array.from({ length: 40 }, (_, n) => sign({ ...key, kid: `made up ${n}` }))
    const answers = (await Promise.all(tokens)).map((token) => refused(provider.verify(token)))
    for (const answer of await Promise.all(answers))
      expect(answer).toMatchObject(invalid('key is unknown'))
    expect(await provider.verify(await sign(key))).toMatchObject({ sub: 'ada' })
  }
  await storm()
  expect(provider.asked).toBe(1)
  passes(MINUTE_MS)
  await storm()
  await storm()
  expect(provider.asked).toBe(2)
  passes(MINUTE_MS - 1)
  await storm()
  expect(provider.asked).toBe(2)
})

test('many who come at once ask once, and all get in', async () => {
  const key = await makeKey('one')
  const provider = await startKeys(key)
  const token = await sign(key)
  const all = await Promise.all(Array.from({ length: 20 }, () => provider.verify(token)))
  expect(all).toHaveLength(20)
  expect(provider.asked).toBe(1)
})

test('keys are renewed before they are an hour old, and forgotten then', async () => {
  const key = await makeKey('one')
  const provider = await startKeys(key)
  await provider.verify(await sign(key))
  passes(44 * MINUTE_MS)
  await provider.verify(await sign(key))
  expect(provider.asked).toBe(1)
  passes(2 * MINUTE_MS)
  await provider.verify(await sign(key))
  expect(provider.asked).toBe(2)
  provider.answer = (response) => response.writeHead(500).end()
  passes(50 * MINUTE_MS)
  await provider.verify(await sign(key))
  expect(provider.asked).toBe(3)
  passes(11 * MINUTE_MS)
  expect(await refused(provider.verify(await sign(key)))).toMatchObject({
    ...{ code: 'provider_unavailable', retryAfter: 60 },
  })
  expect(provider.asked).toBe(4)
})

const troubles: [string, (response: ServerResponse) => unknown][] = [
  ['down', (response) => response.destroy()],
  ['failing', (response) => response.writeHead(502).end('{"keys":[]}')],
  ['refusing', (response) => response.writeHead(404).end('{"keys":[]}')],
  ['redirecting', (response) => response.writeHead(302, { location: '/keys?really' }).end()],
  ['not speaking JSON', (response) => response.end('<html>')],
  ['sending no set', (response) => response.end('{"keys":{}}')],
  ['sending a list', (response) => response.end('[]')],
  ['sending junk for keys', (response) => response.end('{"keys":[1]}')],
  ['silent', () => {}],
  ['slow', (response) => response.write('{"keys":[')],
  [
    'sending without end',
    (response) => {
      const more = () => {
        while (response.writable && response.write(' '.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    },
  ],
]

test.each(troubles)(
  'a provider that is %s is said to be so, and asked once a minute',
  async (_, answer) => {
    const key = await makeKey('one')
    const provider = await startKeys(key)
    const { answer: well } = provider
    provider.answer = answer
    const token = await sign(key)
    const unavailable = { code: 'provider_unavailable' }
    const first = provider.verify(token)
    const second = refused(provider.verify(token))
    expect(await refused(first)).toMatchObject({ ...unavailable, retryAfter: 60 })
    expect(await second).toMatchObject(unavailable)
    passes(20_000)
    expect(await refused(provider.verify(token))).toMatchObject({ ...unavailable, retryAfter: 40 })
    expect(provider.asked).toBe(1)
    passes(40_000)
    provider.answer = well
    expect(await provider.verify(token)).toMatchObject({ sub: 'ada' })
    expect(provider.asked).toBe(2)
  },
  10_000,
)

test('whoever cannot wait for the keys that another fetches may come again in a second', async () => {
  vi.useRealTimers()
  const key = await makeKey('one')
  const provider = await startKeys(key)
  const { answer: well } = provider
  provider.answer = (response) => setTimeout(() => well(response), 3_000)
  const token = await sign(key)
  const first = provider.verify(token)
  expect(await refused(provider.verify(token))).toMatchObject({
    ...{ code: 'provider_unavailable', retryAfter: 1 },
  })
  expect(await first).toMatchObject({ sub: 'ada' })
  expect(provider.asked).toBe(1)
}, 10_000)
