// What of signing in with a company is switched on. What is not configured is not there: 404, as at any other address.
import type { MiddlewareHandler } from 'hono'
import { DIRECTORY } from '../access/bindings.ts'
import type { Env, Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { ACCESS, offeredBy, type Provider } from '../providers.ts'

const nothing = () => new ApiError('not_found', 'Not Found')

/** Before everything else of these routes, so that nothing else is answered first. */
export const whereConfigured: MiddlewareHandler<Open> = async (c, next) => {
  if (offeredBy(c.var.env).length === 0) throw nothing()
  await next()
}

/** Bindings are there for directories that provision people, too. */
export const whereBindings: MiddlewareHandler<Open> = async (c, next) => {
  if (vouching(c.var.env).length === 0) throw nothing()
  await next()
}

/** Throws 404 for one that is not configured. */
export function requireProvider({ OIDC_PROVIDERS }: Env, id: string): Provider {
  const provider = OIDC_PROVIDERS.find((one) => one.id === id)
  if (!provider) throw nothing()
  return provider
}

/** The same for Cloudflare Access. */
export const requireAccess: MiddlewareHandler<Open> = async (c, next) => {
  if (c.var.env.CF_ACCESS_TEAM_DOMAIN === undefined) throw nothing()
  await next()
}

/** Whoever vouches for people here. */
const vouching = ({ OIDC_PROVIDERS, CF_ACCESS_TEAM_DOMAIN: issuer, SCIM_TOKEN }: Env) => [
  ...OIDC_PROVIDERS,
  ...(SCIM_TOKEN === undefined ? [] : [{ id: DIRECTORY, issuer: DIRECTORY }]),
  ...(issuer === undefined ? [] : [{ id: ACCESS.id, issuer }]),
]

/** What the issuer is called here, if it is. */
export const providerOf = (env: Env, issuer: unknown): string | null =>
  vouching(env).find((one) => one.issuer === issuer)?.id ?? null

/** The issuer that is called so here, if there is one. */
export const issuerOf = (env: Env, id: string): string | undefined =>
  vouching(env).find((one) => one.id === id)?.issuer
