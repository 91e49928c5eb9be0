import { expect, test } from 'vitest'
import { toConfiguration } from './discovery.ts'

const issuer = 'https://id.acme.test'
const said = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: 'https://keys.acme.test/keys',
}

test('a provider is where it says, and takes secrets as it says', () => {
  expect(toConfiguration(said, issuer)).toEqual({
    authorizationEndpoint: said.authorization_endpoint,
    tokenEndpoint: said.token_endpoint,
    keysUrl: said.jwks_uri,
    clientAuthentication: 'basic',
    namesItself: false,
  })
  const more = {
    ...said,
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
  }
  expect(toConfiguration(more, issuer)).toMatchObject({
    clientAuthentication: 'post',
    namesItself: true,
  })
})

test.each([
  ['another issuer', { issuer: `${issuer}/` }],
  ['no issuer', { issuer: undefined }],
  ['no token endpoint', { token_endpoint: undefined }],
  ['an endpoint by plain http', { token_endpoint: 'http://id.acme.test/token' }],
  ['an endpoint on our own machine', { token_endpoint: 'http://127.0.0.1/token' }],
  ['keys that are a script', { jwks_uri: 'javascript:alert(1)' }],
  ['an endpoint with credentials', { authorization_endpoint: 'https://a:b@id.acme.test/' }],
  ['no way for a secret', { token_endpoint_auth_methods_supported: ['private_key_jwt'] }],
])('%s is refused', (_, wrong) => {
  expect(() => toConfiguration({ ...said, ...wrong }, issuer)).toThrow(/cannot be used/)
})

test('one on loopback may stay there', () => {
  const local = 'http://127.0.0.1:8080'
  const here = { ...said, issuer: local, token_endpoint: `${local}/token` }
  expect(toConfiguration(here, local).tokenEndpoint).toBe(`${local}/token`)
})
