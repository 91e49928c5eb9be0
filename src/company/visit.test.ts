import { SignJWT } from 'jose'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { keyFor } from '../identity/house.ts'
import { namesFor } from './accounts.ts'
import { Destination } from './params.ts'
import { challengeOf, newVisit, openVisit, signVisit } from './visit.ts'

const secrets = { SECRET_KEY: 'a secret of the house, long enough' }
const visit = newVisit('okta', '/console/')

test('a visit comes back as it went, also where the secret has been replaced meanwhile', async () => {
  const text = await signVisit(visit, secrets)
  expect(await openVisit(text, secrets)).toEqual(visit)
  const replaced = {
    SECRET_KEY: 'another one, as long as it must be',
    SECRET_KEY_PREVIOUS: secrets.SECRET_KEY,
  }
  expect(await openVisit(text, replaced)).toEqual(visit)
  expect(await openVisit(text, { SECRET_KEY: replaced.SECRET_KEY })).toBeUndefined()
})

test('nothing else is one: a token of another purpose, one that is over, one that was changed', async () => {
  const sign = async (purpose: 'visit' | 'access token', exp: string) => {
    const { kid, key } = await keyFor(secrets, purpose)
    const claims = new SignJWT({ visit }).setProtectedHeader({ alg: 'HS256', kid })
    return claims.setExpirationTime(exp).sign(key)
  }
  expect(await openVisit(await sign('visit', '1m'), secrets)).toEqual(visit)
  expect(await openVisit(await sign('visit', '-1s'), secrets)).toBeUndefined()
  expect(await openVisit(await sign('access token', '1m'), secrets)).toBeUndefined()
  const text = await signVisit(visit, secrets)
  for (const other of ['', 'x', text.slice(0, -2), `${text}x`, 'x'.repeat(5000)])
    expect(await openVisit(other, secrets)).toBeUndefined()
})

test('no two visits have anything in common, and PKCE is as the standard has it', async () => {
  const words = [visit, newVisit('okta', '/console/')].flatMap(({ state, nonce, verifier }) => [
    state,
    nonce,
    verifier,
  ])
  expect(new Set(words).size).toBe(6)
  // RFC 7636, appendix B.
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  expect(await challengeOf({ ...visit, verifier })).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  )
})

test.each([
  '/console',
  '/console/',
  '/console/flows',
  '/console/people/0b0c/?tab=keys&q=a%20b+c',
  'langbuilder',
])('%s is a place to go to', (to) => {
  expect(v.safeParse(Destination, to).success).toBe(true)
})

test.each([
  '',
  '/',
  '//evil.test',
  'https://evil.test',
  '/console//evil.test',
  '/console/../api',
  '/console/\\evil.test',
  '/console/?to=//evil.test',
  '/console/#x',
  '/consoleevil.test',
  '/console@evil.test',
  '/console/\nx',
  'langbuilder.evil.test',
  ' /console/',
  'javascript:alert(1)',
])('%j is none', (to) => {
  expect(v.safeParse(Destination, to).success).toBe(false)
})

test('a name that is taken has others behind it, and that of the first superuser is none', () => {
  const person = { bound: { issuer: 'i', subject: 's' }, source: 'okta' }
  const namesOf = (names: string[], SUPERUSER?: string) =>
    namesFor({ ...person, names }, SUPERUSER === undefined ? {} : { SUPERUSER }, 'abcdef0123').map(
      ([name]) => name,
    )
  expect(namesOf(['ada']).slice(0, 3)).toEqual(['ada', 'ada (okta)', 'ada (okta) 2'])
  expect(namesOf(['ada']).at(-1)).toBe('ada (okta) abcdef01')
  expect(namesOf([' \u200b', 'Ada  Lovelace'])[0]).toBe('Ada Lovelace')
  expect(namesOf([])[0]).toBe('somebody')
  expect(namesOf(['ROOT'], 'root')[0]).toBe('ROOT (okta)')
  for (const name of namesOf(['\ufdfa'.repeat(300), 'é'.repeat(3000)]))
    expect(name.length).toBeLessThanOrEqual(255)
})
