import type { JWTPayload } from 'jose'
import { expect, test } from 'vitest'
import type { Provider } from '../providers.ts'
import { groupsOf, requireDomain, requireOurs, toPerson } from './id-token.ts'

const provider: Provider = {
  id: 'okta',
  name: 'Okta',
  issuer: 'https://acme.okta.test',
  client_id: 'flowgate',
  client_secret: 'secret',
  scopes: 'openid',
}

test.each([
  [{ nonce: 'n', aud: 'flowgate', iat: 1000 }, true],
  [{ nonce: 'n', aud: ['flowgate'], azp: 'flowgate', iat: 1000 }, true],
  [{ nonce: 'n', aud: ['flowgate', 'other'], azp: 'flowgate', iat: 1000 }, true],
  [{ nonce: 'n', aud: ['flowgate', 'other'], iat: 1000 }, false],
  [{ nonce: 'n', aud: 'flowgate', azp: 'other', iat: 1000 }, false],
  [{ nonce: 'm', aud: 'flowgate', iat: 1000 }, false],
  [{ aud: 'flowgate', iat: 1000 }, false],
  [{ nonce: 'n', aud: 'flowgate', iat: 0 }, false],
])('%j is ours: %s', (claims, isOurs) => {
  const judge = () => requireOurs(claims, 'flowgate', 'n', 1100)
  if (isOurs) expect(judge).not.toThrow()
  else expect(judge).toThrow(/cannot be accepted/)
})

test.each([
  [{ email: 'a@acme.test', email_verified: true }, true],
  [{ email: 'a@ACME.test', email_verified: 'true' }, true],
  [{ email: 'a@acme.test', email_verified: false }, false],
  [{ email: 'a@acme.test' }, false],
  [{ email: 'acme.test', email_verified: true }, false],
  [{ email: '@acme.test', email_verified: true }, false],
  [{ email: 'a@acme.test@evil.test', email_verified: true }, false],
  [{ email: 'a@evilacme.test', email_verified: true }, false],
  [{ email: ['a@acme.test'], email_verified: true }, false],
  [{ hd: 'acme.test' }, false],
])('%j is of the domain: %s', (claims, isLetIn) => {
  const judge = () => requireDomain(claims, { ...provider, allowed_domains: ['acme.test'] })
  if (isLetIn) expect(judge).not.toThrow()
  else expect(judge).toThrow(/no domain/)
})

test('Google vouches for a domain, and not for who still has an address of it', () => {
  const google = {
    ...provider,
    issuer: 'https://accounts.google.com',
    allowed_domains: ['acme.test'],
  }
  expect(() => requireDomain({ hd: 'acme.test' }, google)).not.toThrow()
  const left = { email: 'a@acme.test', email_verified: true }
  expect(() => requireDomain(left, google)).toThrow(/no domain/)
})

test.each([
  [{ groups: ['a', 'b', 'a'] }, ['a', 'b']],
  [{ groups: 'a' }, ['a']],
  [{ groups: [1, '', null, 'x'.repeat(201), 'a\0', '\ud800', 'b'] }, ['b']],
  [{}, []],
  [{ _claim_names: { groups: 'src1' } }, undefined],
  [{ _claim_names: { roles: 'src1' } }, []],
  [{ hasgroups: true }, undefined],
  [{ hasgroups: 'true', groups: ['a'] }, ['a']],
])('the groups of %j are %j', (claims, groups) => {
  expect(groupsOf(claims, 'groups')).toEqual(groups)
})

test('a person is known by issuer and subject, and by as much more as there is to know', () => {
  const claims = { sub: 's', preferred_username: 7, email: 'a@b.test', name: 'Ada', groups: ['x'] }
  expect(toPerson(claims as JWTPayload, provider)).toEqual({
    bound: { issuer: provider.issuer, subject: 's' },
    source: 'okta',
    names: ['a@b.test', 'Ada'],
    groups: undefined,
    isSuperuser: undefined,
    directorySubject: undefined,
  })
  const more = {
    ...provider,
    groups_claim: 'groups',
    superuser_group: 'x',
    directory_claim: 'oid',
  }
  const known = { sub: 's', groups: ['x'], oid: 'o' }
  expect(toPerson(known, more)).toMatchObject({
    groups: ['x'],
    isSuperuser: true,
    directorySubject: 'o',
  })
  // Of whose groups nothing is known, it is not known either whether they are a superuser.
  const overage = toPerson({ sub: 's', hasgroups: true }, more)
  expect([overage.groups, overage.isSuperuser]).toEqual([undefined, undefined])
})

test.each([undefined, '', 7, 'x'.repeat(256), 'a\0b', '\udc00'])('%j is nobody', (sub) => {
  expect(() => toPerson({ sub } as JWTPayload, provider)).toThrow(/about nobody/)
})
