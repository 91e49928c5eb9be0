// /api/v1/auth: signing in with a company, by OpenID Connect.
import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { limited } from '../defence.ts'
import type { Open } from '../env.ts'
import { findConfiguration } from '../identity/discovery.ts'
import { path, query } from '../params.ts'
import { offeredBy, type Provider } from '../providers.ts'
import { issueTokens } from '../session-cookies.ts'
import { arrayOf, flag, object } from '../wire.ts'
import { signInPerson } from './accounts.ts'
import { bindVisitor } from './bind.ts'
import { addressOf, redirectUri, refusedInBrowser } from './browser.ts'
import { addressFor, codeOf, exchange } from './exchange.ts'
import { readPerson } from './id-token.ts'
import { Callback, ProviderPath, Start } from './params.ts'
import { requireProvider } from './settings.ts'
import { toOffer } from './view.ts'
import { endVisit, keepVisit, newVisit, type Visit } from './visit.ts'

/** Keeps what others rely on going when this request is over. */
export const laterOf = (c: Context) => (work: Promise<unknown>) => c.executionCtx.waitUntil(work)

/** Open to strangers. `ready` comes once a provider has vouched for somebody: nobody else can start a migration. */
export const companySignIn = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>()

    .get(
      '/auth/providers',
      about({
        summary: 'Through which providers people sign in here, and whether by password',
        open: true,
        reads: 'settings',
        gives: object({ providers: arrayOf(toOffer), password_login: flag }),
        errors: ['not_found'],
      }),
      (c) =>
        c.json({
          providers: offeredBy(c.var.env),
          password_login: c.var.env.PASSWORD_LOGIN === 'on',
        }),
    )

    .get(
      '/auth/:provider_id/start',
      about({
        summary: 'Go to the provider to sign in, and come back to `to`',
        open: true,
        reads: 'settings',
        status: 302,
        headers: ['Visit-Cookie'],
        errors: ['not_found', 'sign_in_invalid', 'too_many_requests', 'provider_unavailable'],
      }),
      refusedInBrowser,
      limited('OPEN_LIMITER'),
      path(ProviderPath),
      query(Start),
      async (c) => {
        const provider = requireProvider(c.var.env, c.req.valid('param').provider_id)
        const { to } = c.req.valid('query')
        addressOf(to, c.var.env)
        return c.redirect(await begin(c, provider, newVisit(provider.id, to)), 302)
      },
    )

    .get(
      '/auth/:provider_id/callback',
      about({
        summary: 'Come back from the provider: begins a session, or binds the account',
        open: true,
        status: 302,
        headers: ['Visit-Cookie'],
        cookies: ['flowgate_visit'],
        errors: [
          'not_found',
          'sign_in_stale',
          'sign_in_invalid',
          'sign_in_refused',
          'conflict',
          'too_many_requests',
          'provider_unavailable',
          'write_unknown',
        ],
      }),
      refusedInBrowser,
      limited('LOGIN_LIMITER'),
      path(ProviderPath),
      query(Callback),
      async (c) => {
        const provider = requireProvider(c.var.env, c.req.valid('param').provider_id)
        const given = c.req.valid('query')
        const visit = await endVisit(c, provider.id, given.state)
        const later = laterOf(c)
        const configuration = await findConfiguration(provider.issuer, later)
        const code = codeOf(given, provider.issuer, configuration)
        const back = redirectUri(c, provider.id)
        const idToken = await exchange(code, visit, provider, configuration, back)
        const person = await readPerson(idToken, provider, configuration, visit.nonce, later)
        await ready(c, async () => {})
        if (visit.binds) await bindVisitor(c.var, person.bound, visit.binds)
        else await issueTokens(c, await signInPerson(c.var, person, c.req.header('user-agent')))
        return c.redirect(addressOf(visit.to, c.var.env), 302)
      },
    )

/** Begins the visit in this browser: the address of the provider, where it goes on. */
export async function begin(c: Context, provider: Provider, visit: Visit): Promise<string> {
  const configuration = await findConfiguration(provider.issuer, laterOf(c))
  const address = await addressFor(visit, provider, configuration, redirectUri(c, provider.id))
  await keepVisit(c, visit)
  return address
}
