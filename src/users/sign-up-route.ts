// POST /api/v1/users/: signing up, and where that is off, making users.
import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { askAs } from '../access/ask.ts'
import { requireSuperuser } from '../access/caller.ts'
import { type Idempotent, idempotent } from '../access/idempotent.ts'
import { limited } from '../defence.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { readCredential } from '../identity/authenticate.ts'
import { assertionOf } from '../identity/cloudflare-access.ts'
import { hashPassword } from '../identity/passwords.ts'
import { body } from '../params.ts'
import { UserCreate } from './params.ts'
import { unavailable } from './query.ts'
import { createUser, isReserved } from './sign-up.ts'
import { toUserRead } from './view.ts'

/** Open to everybody, unless sign-up is off, or what it is for: then superusers alone make users, who need no limit. */
const admitted: MiddlewareHandler<Open> = async (c, next) => {
  const { db, env, requestId } = c.var
  if (env.SIGNUP !== 'off' && env.PASSWORD_LOGIN === 'on') return next()
  const isStranger =
    !c.req.header('authorization') && !c.req.header('x-api-key') && !c.req.query('x-api-key')
  if (isStranger && !assertionOf(c.req, env))
    throw new ApiError('forbidden', 'Sign-up is switched off. Ask an administrator for an account.')
  const who = await readCredential(c.req, requestId, env, 'writing')
  await askAs(db, who, requireSuperuser).ensureJudged()
  await next()
}

/** Whoever signs up waits for a superuser to activate them, unless SIGNUP says otherwise. */
export const signUp = (ready: MiddlewareHandler<Open>) =>
  new Hono<Idempotent>().post(
    '/users/',
    about({
      summary:
        'Sign up; a superuser activates the user. Where sign-up is off: make a user, as superuser',
      open: true,
      status: 201,
      gives: toUserRead,
      errors: [
        'bad_request',
        'invalid_credentials',
        'not_authenticated',
        'forbidden',
        'sign_in_invalid',
        'sign_in_refused',
        'provider_unavailable',
        'too_many_requests',
      ],
    }),
    limited('SIGNUP_LIMITER'),
    admitted,
    idempotent,
    body(UserCreate),
    ready,
    async (c) => {
      const input = c.req.valid('json')
      const { db, env, requestId, once } = c.var
      if (isReserved(env, input.username)) throw unavailable()
      const passwordHash = await hashPassword(input.password)
      const waits = env.SIGNUP !== 'open'
      const user = await createUser(db, { ...input, passwordHash, waits }, requestId, once)
      return c.json(toUserRead(user), 201)
    },
  )
