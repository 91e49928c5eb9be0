// /api/v1/users
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { requireSuperuser } from '../access/caller.ts'
import { answerLongList } from '../access/long-list.ts'
import { only, requireSignIn, type SignedIn, signedInOnly } from '../access/signed-in.ts'
import { limited } from '../defence.ts'
import { ApiError } from '../errors.ts'
import { hashPassword, verifyPassword } from '../identity/passwords.ts'
import { body, path, query } from '../params.ts'
import { patch } from '../patch.ts'
import { arrayOf, count, object, text } from '../wire.ts'
import { replacePassword, updateUser } from './change.ts'
import { deleteUser } from './delete.ts'
import { Ending, PasswordReset, UserPage, UserPath, UserSearch, UserUpdate } from './params.ts'
import { findCaller, listUsers } from './query.ts'
import { searchUsers } from './search.ts'
import { isReserved } from './sign-up.ts'
import { toUserFound, toUserRead } from './view.ts'

type UserBody = ReturnType<typeof toUserRead>
type UserPageBody = { total_count: number; users: UserBody[] }

export const users = new Hono<SignedIn>()

  .get('/users/whoami', about({ summary: 'Read the caller', gives: toUserRead }), async (c) => {
    return c.json(toUserRead(await findCaller(c.var.ask)))
  })

  .get(
    '/users/search',
    about({
      summary:
        'Find active users by a part of their name, at most 20: for whoever may share something',
      gives: arrayOf(toUserFound),
      errors: ['forbidden'],
    }),
    query(UserSearch),
    async (c) => {
      const users = await searchUsers(c.var.ask, c.req.valid('query').q)
      return c.json(users.map(toUserFound))
    },
  )

  .get(
    '/users/',
    about({
      summary:
        'List users, as superuser: all, or by id, by a part of the name, or who are `waiting` to be activated',
      gives: object({ total_count: count, users: arrayOf(toUserRead) }),
      errors: ['forbidden'],
    }),
    only(requireSuperuser),
    query(UserPage),
    (c) => {
      const page = c.req.valid('query')
      let total_count = 0
      return answerLongList<UserBody, UserPageBody>(c, {
        async read(after, left) {
          const { users, total } = await listUsers(c.var.ask, page, left, after)
          total_count = total
          return users
        },
        toBody: toUserRead,
        take: page.limit,
        head: () => `{"total_count":${total_count},"users":[`,
        tail: ']}',
      })
    },
  )

  .patch(
    '/users/:user_id',
    about({
      summary:
        'Change a user: oneself, or as superuser anybody. A password or a deactivation ends their sessions, and with `keys=true` their API keys',
      gives: toUserRead,
      errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
    }),
    path(UserPath),
    query(Ending),
    patch(UserUpdate),
    async (c) => {
      const input = c.req.valid('json')
      const { ask, credential } = c.var
      if (input.password) requireSignIn(credential, 'A new password')
      const passwordHash = input.password ? await hashPassword(input.password) : undefined
      const { user_id } = c.req.valid('param')
      const { keys } = c.req.valid('query')
      const wanted = {
        ...input,
        passwordHash,
        isReserved: Boolean(input.username) && isReserved(c.var.env, input.username ?? ''),
      }
      const user = await updateUser(ask, user_id, wanted, credential, keys)
      return c.json(toUserRead(user))
    },
  )

  .patch(
    '/users/:user_id/reset-password',
    about({
      summary:
        "Replace one's own password within 15 minutes of signing in, or with `current_password`; ends all sessions, and with `keys=true` deletes the API keys",
      gives: toUserRead,
      errors: ['bad_request', 'forbidden', 'conflict', 'too_many_requests'],
    }),
    signedInOnly('A new password'),
    limited('LOGIN_LIMITER'),
    path(UserPath),
    query(Ending),
    body(PasswordReset),
    async (c) => {
      const { password, current_password: current } = c.req.valid('json')
      const { ask, credential } = c.var
      const user = await findCaller(ask)
      if (user.id !== c.req.valid('param').user_id)
        throw new ApiError('bad_request', "You can't change another user's password")
      const stored = String(user.password)
      const isProved = typeof current === 'string' && (await verifyPassword(current, stored))
      if (typeof current === 'string' && !isProved)
        throw new ApiError('bad_request', 'The current password is another one')
      if (await verifyPassword(password, stored))
        throw new ApiError('bad_request', "You can't use your current password")
      const hash = await hashPassword(password)
      const { keys } = c.req.valid('query')
      const updated = await replacePassword(ask, user, hash, credential, { isProved, keys })
      if (!updated)
        throw new ApiError('conflict', 'The password was changed in the meantime. Log in again.')
      return c.json(toUserRead(updated))
    },
  )

  .delete(
    '/users/:user_id',
    about({
      summary: 'Delete a user, as superuser',
      gives: object({ detail: text }),
      errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
    }),
    only(requireSuperuser),
    path(UserPath),
    async (c) => {
      await deleteUser(c.var.ask, c.req.valid('param').user_id)
      return c.json({ detail: 'User deleted' })
    },
  )
