// What an OpenID provider says of itself, at the address that its issuer makes. Kept by this isolate for an hour; the
// issuer is asked at most once a minute, whatever came of it.
import { isAsSafeAs } from '../addresses.ts'
import { ApiError } from '../errors.ts'
import { keeping, type Later } from './kept.ts'

export type Configuration = {
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly keysUrl: string
  /** How a client proves to the token endpoint who it is. */
  readonly clientAuthentication: 'basic' | 'post'
  /** It names itself when it sends somebody back, so that no other provider's answer is taken for its own. */
  readonly namesItself: boolean
}

/** Anything that has fields: what is in them is looked at whenever it is gone by. */
type Said = Readonly<Record<string, unknown>>

const documents = keeping(({ body }) =>
  typeof body === 'object' && body !== null ? (body as Said) : undefined,
)

/** Throws 503 where it cannot be had, 401 where it is not this issuer's, or leads where nobody should go. */
export async function findConfiguration(issuer: string, later?: Later): Promise<Configuration> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  return toConfiguration(await documents.at(url, later), issuer)
}

/** Pure. The issuer is compared letter by letter: what else a provider is called, is another one. */
export function toConfiguration(said: Said, issuer: string): Configuration {
  if (said.issuer !== issuer) throw unusable('it is the configuration of another issuer')
  const address = (name: string): string => {
    const value = said[name]
    if (typeof value !== 'string' || value.length > 2000 || !isAsSafeAs(value, issuer))
      throw unusable(`its ${name} is missing or not safe`)
    return value
  }
  return {
    authorizationEndpoint: address('authorization_endpoint'),
    tokenEndpoint: address('token_endpoint'),
    keysUrl: address('jwks_uri'),
    clientAuthentication: authenticationOf(said.token_endpoint_auth_methods_supported),
    namesItself: said.authorization_response_iss_parameter_supported === true,
  }
}

/** `basic` is what the standard says of who says nothing. */
function authenticationOf(methods: unknown): 'basic' | 'post' {
  if (!Array.isArray(methods) || methods.includes('client_secret_basic')) return 'basic'
  if (methods.includes('client_secret_post')) return 'post'
  throw unusable('its token endpoint takes no client secret')
}

const unusable = (reason: string) =>
  new ApiError('sign_in_invalid', `The identity provider cannot be used: ${reason}.`)
