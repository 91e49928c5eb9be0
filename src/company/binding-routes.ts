// /api/v1/auth/:provider_id/bind and /api/v1/bindings: which accounts of companies are whose here.
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { requireSuperuser } from '../access/caller.ts'
import { idempotent } from '../access/idempotent.ts'
import { only, type SignedIn, signedInOnly } from '../access/signed-in.ts'
import { ApiError } from '../errors.ts'
import { body, path, query } from '../params.ts'
import { arrayOf, count, object, text } from '../wire.ts'
import { requireFreshSession } from './bind.ts'
import { createBinding, deleteBinding, listBindings } from './bindings.ts'
import { addressOf } from './browser.ts'
import { Bind, BindingCreate, BindingName, ProviderPath, Whose } from './params.ts'
import { begin } from './routes.ts'
import { issuerOf, providerOf, requireProvider } from './settings.ts'
import { toBinding } from './view.ts'
import { newVisit } from './visit.ts'

export const bindings = new Hono<SignedIn>()

  .post(
    '/auth/:provider_id/bind',
    about({
      summary: 'Begin to bind an account of the provider, within 15 minutes of signing in',
      gives: object({ url: text }),
      headers: ['Set-Cookie'],
      errors: ['forbidden', 'not_found', 'sign_in_invalid', 'provider_unavailable'],
    }),
    signedInOnly('Binding an account'),
    path(ProviderPath),
    query(Bind),
    async (c) => {
      const session = await requireFreshSession(c.var.ask, c.var.credential)
      const provider = requireProvider(c.var.env, c.req.valid('param').provider_id)
      const { to } = c.req.valid('query')
      addressOf(to, c.var.env)
      return c.json({ url: await begin(c, provider, newVisit(provider.id, to, session)) })
    },
  )

  .get(
    '/bindings',
    about({
      summary: 'List the bindings of the caller, or as superuser of `user_id`',
      gives: object({ total_count: count, bindings: arrayOf(toBinding) }),
      errors: ['forbidden', 'not_found'],
    }),
    query(Whose),
    async (c) => {
      const rows = await listBindings(c.var.ask, c.req.valid('query').user_id)
      const named = rows.map((row) => ({ ...row, provider: providerOf(c.var.env, row.issuer) }))
      return c.json({ total_count: rows.length, bindings: named.map(toBinding) })
    },
  )

  .post(
    '/bindings',
    about({
      summary: 'Bind an account of a provider to a user, as superuser',
      status: 201,
      gives: toBinding,
      errors: ['forbidden', 'not_found', 'conflict'],
    }),
    only(requireSuperuser),
    idempotent,
    body(BindingCreate),
    async (c) => {
      const { user_id, provider, subject } = c.req.valid('json')
      const issuer = issuerOf(c.var.env, provider)
      if (issuer === undefined) {
        await c.var.ask.ensureJudged()
        throw new ApiError('not_found', 'Provider not found')
      }
      const row = await createBinding(c.var.ask, user_id, { issuer, subject }, provider)
      return c.json(toBinding(row), 201)
    },
  )

  .delete(
    '/bindings',
    about({
      summary: 'End a binding of the caller, or as superuser of anybody',
      errors: ['forbidden', 'not_found', 'conflict'],
    }),
    query(BindingName),
    async (c) => {
      const binding = c.req.valid('query')
      await deleteBinding(c.var.ask, binding, providerOf(c.var.env, binding.issuer))
      return c.body(null, 204)
    },
  )
