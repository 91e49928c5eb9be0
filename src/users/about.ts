// What the API description says about users and sessions.
import { type About, count, listOf, object, oneOf, text, titled } from '../wire.ts'
import { toUserFound, toUserRead } from './view.ts'

const Tokens = titled(
  'Tokens',
  object({ access_token: text, refresh_token: text, token_type: oneOf('bearer') }),
)

export const aboutUsers: About = {
  'POST /api/v1/login': {
    summary: 'Exchange name and password for tokens',
    open: true,
    gives: Tokens,
    headers: ['Set-Cookie'],
    errors: ['bad_request', 'invalid_credentials', 'forbidden', 'conflict', 'too_many_requests'],
  },
  'GET /api/v1/auto_login': {
    summary: 'Always refused: nobody is logged in without a password',
    open: true,
    reads: 'settings',
    refused: true,
    errors: ['bad_request'],
  },
  'POST /api/v1/refresh': {
    summary:
      'Exchange the refresh cookie for new tokens; one that was used before ends its session',
    open: true,
    gives: Tokens,
    headers: ['Set-Cookie'],
    cookies: ['refresh_token_lf'],
    errors: ['invalid_credentials', 'forbidden'],
  },
  'POST /api/v1/logout': {
    summary: 'End the session, with both its tokens, and delete the cookies',
    open: true,
    gives: object({ message: text }),
    headers: ['Set-Cookie'],
    cookies: ['access_token_lf', 'refresh_token_lf'],
    errors: ['forbidden'],
  },
  'POST /api/v1/users/': {
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
      'too_many_requests',
    ],
  },
  'GET /api/v1/users/whoami': { summary: 'Read the caller', gives: toUserRead },
  'GET /api/v1/users/search': {
    summary:
      'Find active users by a part of their name, at most 20: for whoever may share something',
    gives: listOf(toUserFound),
    errors: ['forbidden'],
  },
  'GET /api/v1/users/': {
    summary: 'List users, as superuser',
    gives: object({ total_count: count, users: listOf(toUserRead) }),
    errors: ['forbidden'],
  },
  'PATCH /api/v1/users/:user_id/reset-password': {
    summary:
      "Replace one's own password within 15 minutes of signing in, or with `current_password`; ends all sessions, and with `keys=true` deletes the API keys",
    gives: toUserRead,
    errors: ['bad_request', 'forbidden', 'conflict', 'too_many_requests'],
  },
  'DELETE /api/v1/users/:user_id': {
    summary: 'Delete a user, as superuser',
    gives: object({ detail: text }),
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
  'PATCH /api/v1/users/:user_id': {
    summary:
      'Change a user: oneself, or as superuser anybody. A password or a deactivation ends their sessions, and with `keys=true` their API keys',
    gives: toUserRead,
    errors: ['bad_request', 'forbidden', 'not_found', 'conflict'],
  },
}
