// /api/v1/users
import { Hono, type MiddlewareHandler } from 'hono'
import type { SignedIn } from '../access/authenticate.ts'
import { hashPassword } from '../access/passwords.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { body, path } from '../params.ts'
import { UserCreate, UserPath, UserUpdate } from './params.ts'
import { createUser, findCaller, updateUser } from './query.ts'
import { toUserRead } from './view.ts'

/** Open to everybody: whoever signs up waits for a superuser to activate them. */
export const signUp = (ready: MiddlewareHandler<Open>) =>
  new Hono<Open>().post('/users/', body(UserCreate), ready, async (c) => {
    const input = c.req.valid('json')
    // The operator's name is taken before its first login, so that no stranger can squat on it.
    if (input.username === c.var.env.SUPERUSER)
      throw new ApiError('bad_request', 'This username is unavailable.')
    const passwordHash = await hashPassword(input.password)
    const user = await createUser(c.var.db, { ...input, passwordHash }, c.var.requestId)
    return c.json(toUserRead(user), 201)
  })

export const users = new Hono<SignedIn>()

  .get('/users/whoami', async (c) => {
    return c.json(toUserRead(await findCaller(c.var.db, c.var.credential)))
  })

  .patch('/users/:user_id', path(UserPath), body(UserUpdate), async (c) => {
    const input = c.req.valid('json')
    const passwordHash = input.password ? await hashPassword(input.password) : undefined
    const user = await updateUser(c.var.db, c.var.credential, c.req.valid('param').user_id, {
      ...input,
      passwordHash,
    })
    return c.json(toUserRead(user))
  })
