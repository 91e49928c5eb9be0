// The Worker's bindings, parsed once per request before anything else reads them.
import * as v from 'valibot'
import type { Database } from './db/client.ts'
import { ApiError } from './errors.ts'
import { faultOfName, toName } from './names.ts'
import { OidcProviders } from './providers.ts'

const loopback = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/?$/

/** As browsers spell it. Whoever can change a page on its way could act for its user, so it comes by https. */
const isOrigin = (text: string) =>
  /^https:\/\/[^/*\s?#@]+$/.test(text) || (loopback.test(text) && !text.endsWith('/'))

/** The platform's rate limiter. */
export type Limiter = { limit(options: { key: string }): Promise<{ success: boolean }> }
const Limiter = v.custom<Limiter>(
  (binding) => typeof (binding as Limiter | null)?.limit === 'function',
  'must be a rate-limit binding',
)

const Address = v.check(
  (url: string) => /^(libsql|https):\/\/./.test(url) || loopback.test(url),
  'must start with libsql:// or https:// (http:// only on loopback)',
)

/** wrangler.toml may say a number, a secret is always text. `orZero`: 0 turns off what it is about. */
const milliseconds = (min: number, max: number, orZero = false) =>
  v.pipe(
    v.union([v.string(), v.number()], 'must be a number of milliseconds'),
    v.check(
      (given) => {
        const ms = given === '' ? Number.NaN : Number(given)
        return Number.isInteger(ms) && ((ms >= min && ms <= max) || (orZero && ms === 0))
      },
      `must be ${orZero ? '0 or ' : ''}a whole number of milliseconds from ${min} to ${max}`,
    ),
    v.transform(Number),
  )
const Milliseconds = milliseconds(100, 120_000)

const LongEnough = v.check(
  (key: string) => new TextEncoder().encode(key).length >= 32,
  'must be at least 32 bytes; make one with `openssl rand -base64 48`',
)

const MAX_BOUND_MS = 3_600_000
const faultOfBound = `must be 'strict' or 'bounded:<ms>', of 100 to ${MAX_BOUND_MS} milliseconds`

function boundOf(text: string): number | undefined {
  if (text === 'strict') return 0
  const ms = Number(/^bounded:(\d{1,9})$/.exec(text)?.[1])
  return ms >= 100 && ms <= MAX_BOUND_MS ? ms : undefined
}

const Bindings = v.pipe(
  v.object({
    /** Where libSQL answers: `libsql://`, `https://`, or `http://` on loopback. */
    LIBSQL_URL: v.pipe(v.string('is missing'), Address),
    /** The database's token; only a loopback server may do without. */
    LIBSQL_AUTH_TOKEN: v.optional(v.string()),
    /** A replica of it, near those who ask; its token is the database's where it has none of its own. */
    LIBSQL_REPLICA_URL: v.optional(v.pipe(v.string(), Address)),
    LIBSQL_REPLICA_AUTH_TOKEN: v.optional(v.string()),
    /** How far answers may be behind the primary, in milliseconds: 0 for `strict`. */
    CONSISTENCY: v.pipe(
      v.optional(v.string(), 'strict'),
      v.check((text) => boundOf(text) !== undefined, faultOfBound),
      v.transform((text) => boundOf(text) ?? 0),
    ),
    /** How long one request to the database may take, its answer included. */
    DATABASE_TIMEOUT_MS: v.optional(Milliseconds, 10_000),
    /** The same for one step of a migration. */
    MIGRATION_STEP_TIMEOUT_MS: v.optional(Milliseconds, 30_000),
    /** What the keys of the house are derived from: they sign tokens and cursors and seal what is kept. */
    SECRET_KEY: v.pipe(v.string('is missing'), LongEnough),
    /** The secret before this one: while it is bound, what it signed and sealed still opens. */
    SECRET_KEY_PREVIOUS: v.optional(v.pipe(v.string(), LongEnough)),
    /** The first superuser, created at the first login if the database has none. */
    SUPERUSER: v.optional(
      v.pipe(
        v.string(),
        v.maxLength(255, 'must have at most 255 characters'),
        v.transform(toName),
        v.check((name) => !faultOfName(name), 'must not be empty or hold invisible characters'),
      ),
    ),
    SUPERUSER_PASSWORD: v.optional(
      v.pipe(v.string(), v.minLength(8, 'must have at least 8 characters')),
    ),
    /** `off` lifts all limits on how often; `on`, as wrangler.toml says, insists on all limiters. */
    RATE_LIMIT: v.optional(v.picklist(['on', 'off'], "must be 'on' or 'off'")),
    /** Who makes users: superusers alone, strangers who then wait for one, or strangers. */
    SIGNUP: v.optional(
      v.picklist(['off', 'approve', 'open'], "must be 'off', 'approve' or 'open'"),
      'approve',
    ),
    /** The OpenID providers through which people sign in. */
    OIDC_PROVIDERS: OidcProviders,
    /** `off` leaves signing in by password to superusers. */
    PASSWORD_LOGIN: v.optional(v.picklist(['on', 'off'], "must be 'on' or 'off'"), 'on'),
    /** `on` lists "Shared with me" among the projects of whoever has something in it, for clients that cannot ask for it. */
    SHARED_PROJECT: v.optional(v.picklist(['on', 'off'], "must be 'on' or 'off'"), 'off'),
    /** Who makes teams: admins alone, or everybody. */
    TEAMS: v.optional(v.picklist(['admins', 'open'], "must be 'admins' or 'open'"), 'admins'),
    /** `on` refuses to change or delete a flow for whoever does not say which one they know. */
    REQUIRE_IF_MATCH: v.optional(v.picklist(['on', 'off'], "must be 'on' or 'off'"), 'off'),
    /** The team whose Cloudflare Access stands in front of this Worker: `x.cloudflareaccess.com`. As an origin, its issuer. */
    CF_ACCESS_TEAM_DOMAIN: v.optional(
      v.pipe(
        v.string(),
        v.transform((domain) =>
          domain.replace(/^(?!http:)(https:\/\/)?/, 'https://').replace(/\/$/, ''),
        ),
        v.check(
          (url) =>
            /^https:\/\/([a-z0-9-]+\.)+cloudflareaccess\.com$/.test(url) || loopback.test(url),
          'must be a domain such as example.cloudflareaccess.com (http:// only on loopback)',
        ),
      ),
    ),
    /** The audience tags of its applications that stand in front of it, separated by commas. */
    CF_ACCESS_AUD: v.optional(
      v.pipe(
        v.string(),
        v.transform((list) => list.split(',').map((tag) => tag.trim())),
        v.check(
          (list) => list.length <= 20 && list.every((tag) => /^[\w-]{16,128}$/.test(tag)),
          'must list at most 20 audience tags, separated by commas',
        ),
      ),
    ),
    LOGIN_LIMITER: v.optional(Limiter),
    SIGNUP_LIMITER: v.optional(Limiter),
    /** Counts API keys that nobody has. */
    KEY_LIMITER: v.optional(Limiter),
    /** Counts what is open to everybody and reads the database. */
    OPEN_LIMITER: v.optional(Limiter),
    /** What a company's directory shows to provision users and groups by SCIM; without it there is no SCIM. */
    SCIM_TOKEN: v.optional(
      v.pipe(
        v.string(),
        LongEnough,
        v.regex(/^[!-~]+$/, 'must be printable ASCII without blanks: it is sent as a header'),
      ),
    ),
    /** Whether pages may read the access token off its cookie, as LangBuilder's front end does. */
    ACCESS_COOKIE: v.optional(
      v.picklist(['readable', 'httponly'], "must be 'readable' or 'httponly'"),
      'readable',
    ),
    /** Where people open flows: the console's links go there. */
    LANGBUILDER_URL: v.optional(
      v.pipe(
        v.string(),
        v.transform((url) => url.replace(/\/+$/, '')),
        v.check(
          (url) => /^https:\/\/[^\s?#@]+$/.test(url) || loopback.test(url),
          'must be an address such as https://langbuilder.example.com (http:// only on loopback)',
        ),
      ),
    ),
    /** How often that front end saves a flow that is being changed; 0 leaves it to its user. */
    AUTO_SAVING_INTERVAL_MS: v.optional(milliseconds(100, 3_600_000, true), 1000),
    /** The version that it is told, and writes into the files that it exports; ours by default. */
    FRONTEND_VERSION: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\d+\.\d+\.\d+[\w.+-]{0,40}$/, 'must be a version such as 1.6.5'),
      ),
      '0.1.0',
    ),
    /** The origins whose pages may call the API, separated by commas; none by default. */
    CORS_ORIGINS: v.pipe(
      v.optional(v.string(), ''),
      v.transform((list) => list.split(',').flatMap((origin) => origin.trim() || [])),
      v.check(
        (list) => list.every(isOrigin),
        'must list exact origins such as https://app.example.com (http:// only on loopback), separated by commas',
      ),
    ),
  }),
  v.check(
    (env) =>
      env.RATE_LIMIT !== 'on' ||
      Boolean(env.LOGIN_LIMITER && env.SIGNUP_LIMITER && env.KEY_LIMITER && env.OPEN_LIMITER),
    'RATE_LIMIT is on, but LOGIN_LIMITER, SIGNUP_LIMITER, KEY_LIMITER or OPEN_LIMITER is missing: bind all or set RATE_LIMIT to off',
  ),
  v.check(
    (env) => (env.SUPERUSER === undefined) === (env.SUPERUSER_PASSWORD === undefined),
    'SUPERUSER and SUPERUSER_PASSWORD go together: set both or neither',
  ),
  v.check(
    (env) => (env.CF_ACCESS_TEAM_DOMAIN === undefined) === (env.CF_ACCESS_AUD === undefined),
    'CF_ACCESS_TEAM_DOMAIN and CF_ACCESS_AUD go together: set both or neither',
  ),
  v.check(
    (env) =>
      env.PASSWORD_LOGIN === 'on' ||
      env.OIDC_PROVIDERS.length > 0 ||
      env.CF_ACCESS_TEAM_DOMAIN !== undefined,
    'PASSWORD_LOGIN is off, but OIDC_PROVIDERS and CF_ACCESS_TEAM_DOMAIN are missing: nobody else could sign in',
  ),
  v.check(
    (env) => env.SECRET_KEY_PREVIOUS !== env.SECRET_KEY,
    'SECRET_KEY_PREVIOUS is SECRET_KEY: set the secret before it, or none',
  ),
  v.check(
    (env) => env.LIBSQL_AUTH_TOKEN !== undefined || loopback.test(env.LIBSQL_URL),
    'LIBSQL_AUTH_TOKEN is missing: only a database on loopback may do without',
  ),
  v.check(
    (env) => env.CONSISTENCY === 0 || env.LIBSQL_REPLICA_URL !== undefined,
    'CONSISTENCY is bounded, but LIBSQL_REPLICA_URL is missing: set it, or CONSISTENCY to strict',
  ),
  v.check(
    (env) => env.LIBSQL_REPLICA_URL === undefined || env.LIBSQL_REPLICA_URL !== env.LIBSQL_URL,
    'LIBSQL_REPLICA_URL is LIBSQL_URL: set the address of a replica, or none',
  ),
)

export type Env = v.InferOutput<typeof Bindings>

/** What every handler finds in its context. */
export type Open = { Bindings: object; Variables: { env: Env; db: Database; requestId: string } }

const parsed = new WeakMap<object, Env>()

/** Bindings -> Env, once for those that an isolate lives with. Throws `misconfigured` naming every binding that is missing or malformed, never a value. */
export function parseEnv(bindings: object): Env {
  const known = parsed.get(bindings)
  if (known) return known
  const result = v.safeParse(Bindings, bindings)
  if (result.success) {
    parsed.set(bindings, result.output)
    return result.output
  }
  const faults = result.issues.map((issue) => {
    const name = v.getDotPath(issue)
    return name ? `${name} ${issue.message}` : issue.message
  })
  throw new ApiError('misconfigured', `Configuration: ${faults.join('; ')}`)
}
