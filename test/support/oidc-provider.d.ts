// What the tests use of oidc-provider, which comes without types.
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'
  export default class Provider {
    constructor(issuer: string, configuration: object)
    callback(): RequestListener
    readonly Client: { prototype: { redirectUriAllowed(uri: string): boolean } }
    readonly Grant: new (of: {
      accountId: string
      clientId: string
    }) => ProviderGrant
  }
  export type ProviderGrant = { addOIDCScope(scope: string): void; save(): Promise<string> }
}
