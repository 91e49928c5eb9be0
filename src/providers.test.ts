import { expect, test } from 'vitest'
import { parseEnv } from './env.ts'

const bindings = { LIBSQL_URL: 'http://127.0.0.1:8080', SECRET_KEY: 'k'.repeat(32) }
const SECRET = 'a secret that no error shows'
const okta = {
  id: 'okta',
  issuer: 'https://acme.okta.com',
  client_id: 'flowgate',
  client_secret: SECRET,
}
const read = (providers: unknown, more: object = {}) =>
  parseEnv({ ...bindings, OIDC_PROVIDERS: JSON.stringify(providers), ...more })

function faultOf(providers: unknown): string {
  try {
    read(providers)
    return ''
  } catch (error) {
    return String(error)
  }
}

test('there are none unless they are written down', () => {
  expect(parseEnv(bindings)).toMatchObject({ OIDC_PROVIDERS: [], PASSWORD_LOGIN: 'on' })
  expect(read([]).OIDC_PROVIDERS).toEqual([])
})

test('a provider needs what it is, and has sensible defaults', () => {
  expect(read([okta]).OIDC_PROVIDERS).toEqual([
    { ...okta, name: 'okta', scopes: 'openid profile email' },
  ])
  for (const field of Object.keys(okta))
    expect(faultOf([{ ...okta, [field]: undefined }]), field).toMatch(/OIDC_PROVIDERS \[0\.\w+\]/)
})

test.each([
  ['an unknown field', { grups_claim: 'groups' }],
  ['an id that is a word of ours', { id: 'access' }],
  ['an id of other letters', { id: 'Okta' }],
  ['an issuer by plain http', { issuer: 'http://acme.okta.com' }],
  ['an issuer with credentials in it', { issuer: 'https://me:word@acme.okta.com' }],
  ['an issuer with a query', { issuer: 'https://acme.okta.com?x=1' }],
  ['an empty secret', { client_secret: '' }],
  ['scopes without openid', { scopes: 'profile email' }],
  ['a superuser group without groups', { superuser_group: 'admins' }],
  ['domains that are none', { allowed_domains: ['@acme.com'] }],
  ['no domains at all', { allowed_domains: [] }],
])('%s is an error that shows nothing of what is there', (_, wrong) => {
  const fault = faultOf([{ ...okta, ...wrong }])
  expect(fault).toMatch(/OIDC_PROVIDERS/)
  for (const value of [SECRET, 'acme', 'flowgate', 'admins'])
    expect(fault.replace('OIDC_PROVIDERS', '')).not.toContain(value)
})

test('two of one id or issuer are one too many, as is the eleventh', () => {
  expect(faultOf([okta, okta])).toMatch(/twice/)
  expect(faultOf([okta, { ...okta, id: 'other' }])).toMatch(/twice/)
  const many = Array.from({ length: 11 }, (_, n) => ({
    ...okta,
    id: `p${n}`,
    issuer: `https://p${n}.test`,
  }))
  expect(faultOf(many)).toMatch(/at most 10/)
  expect(faultOf(many.slice(1))).toBe('')
})

test('what is no JSON list is said to be none, and not shown', () => {
  for (const text of ['', '{}', `[{"client_secret": "${SECRET}"`, 'null'])
    expect(() => parseEnv({ ...bindings, OIDC_PROVIDERS: text })).toThrow(
      /OIDC_PROVIDERS must be a list$/,
    )
})

test('passwords go only where there is another way in', () => {
  expect(() => parseEnv({ ...bindings, PASSWORD_LOGIN: 'off' })).toThrow(/PASSWORD_LOGIN is off/)
  expect(read([okta], { PASSWORD_LOGIN: 'off' }).PASSWORD_LOGIN).toBe('off')
  expect(() => parseEnv({ ...bindings, PASSWORD_LOGIN: 'no' })).toThrow(/PASSWORD_LOGIN must be/)
})
