// OIDC_PROVIDERS: the OpenID providers through which people sign in, as their operator writes them down. A fault names
// the field, never what is in it: a secret stands beside.
import * as v from 'valibot'
import { isSafeAddress } from './addresses.ts'

/** It goes by `hd` where others go by mail addresses, and knows other prompts. */
export const GOOGLE = 'https://accounts.google.com'

const MAX_PROVIDERS = 10

/** Words that stand in the same places as ids of providers. */
const TAKEN = ['access', 'scim', 'providers']

const text = (max: number) =>
  v.pipe(
    v.string('must be a text'),
    v.nonEmpty('must not be empty'),
    v.maxLength(max, `must have at most ${max} characters`),
  )

/** One of the spellings would be right, and the other never: issuers are compared letter by letter. */
const isIssuer = (url: string) => isSafeAddress(url) && !/[?#\s]/.test(url)

const Domain = v.pipe(
  text(253),
  v.transform((domain) => domain.toLowerCase()),
  v.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain such as example.com'),
)

const Provider = v.pipe(
  v.strictObject(
    {
      /** In the addresses of a sign-in, and before the groups of a team's external name. */
      id: v.pipe(
        v.string('must be a text'),
        v.regex(/^[a-z0-9-]{1,32}$/, 'must be of a-z, 0-9 and -, at most 32'),
        v.check((id) => !TAKEN.includes(id), `must not be ${TAKEN.join(', ')}`),
      ),
      /** What the button says. */
      name: v.optional(text(60)),
      issuer: v.pipe(
        text(500),
        v.check(isIssuer, 'must be an https address (http only on loopback), without query'),
      ),
      client_id: text(500),
      client_secret: text(2000),
      scopes: v.optional(
        v.pipe(
          text(500),
          v.regex(/^[!#-[\]-~]+( [!#-[\]-~]+)*$/, 'must be words with a space between them'),
          v.check((scopes) => scopes.split(' ').includes('openid'), 'must hold openid'),
        ),
        'openid profile email',
      ),
      /** The claim of the id token that lists groups; without it nobody's teams are looked at. */
      groups_claim: v.optional(text(200)),
      /** Whoever is of none of them is refused. */
      allowed_domains: v.optional(
        v.pipe(
          v.array(Domain, 'must be a list of domains'),
          v.minLength(1, 'must not be empty'),
          v.maxLength(100, 'must have at most 100 domains'),
        ),
      ),
      /** Whoever is in it is a superuser. */
      superuser_group: v.optional(text(200)),
      /** The claim that says who somebody is in the directory that provisions people by SCIM. */
      directory_claim: v.optional(text(200)),
    },
    'must be an object with known fields alone',
  ),
  v.check(
    ({ superuser_group, groups_claim }) => superuser_group === undefined || Boolean(groups_claim),
    'has a superuser_group, but no groups_claim to find it in',
  ),
  v.transform(({ name, ...provider }) => ({ ...provider, name: name ?? provider.id })),
)

export type Provider = v.InferOutput<typeof Provider>

const isDistinct = (values: readonly string[]) => new Set(values).size === values.length

const Providers = v.pipe(
  v.array(Provider, 'must be a list'),
  v.maxLength(MAX_PROVIDERS, `must have at most ${MAX_PROVIDERS} providers`),
  v.check((all) => isDistinct(all.map(({ id }) => id)), 'has an id twice'),
  v.check((all) => isDistinct(all.map(({ issuer }) => issuer)), 'has an issuer twice'),
)

/** JSON text -> providers; none by default. */
export const OidcProviders = v.pipe(
  v.optional(v.string(), '[]'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const result = v.safeParse(Providers, toJson(dataset.value))
    if (result.success) return result.output
    for (const issue of result.issues.slice(0, 5)) addIssue({ message: inWords(issue) })
    return NEVER
  }),
)

/** Undefined is no list. */
function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** valibot's own words would repeat what is there. */
function inWords(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)
  const said = issue.type === 'strict_object' ? 'is missing, or no known field' : issue.message
  return path === null ? `${said}` : `[${path}] ${said}`
}

/** Cloudflare Access, where it stands in front of this Worker. */
export const ACCESS = { id: 'access', name: 'Cloudflare Access' } as const

type Settings = {
  readonly OIDC_PROVIDERS: readonly Provider[]
  readonly CF_ACCESS_TEAM_DOMAIN?: string | undefined
}

/** Those through which people sign in, as a sign-in page shows them. */
export const offeredBy = ({ OIDC_PROVIDERS, CF_ACCESS_TEAM_DOMAIN }: Settings) => [
  ...OIDC_PROVIDERS.map(({ id, name }) => ({ id, name })),
  ...(CF_ACCESS_TEAM_DOMAIN === undefined ? [] : [ACCESS]),
]
