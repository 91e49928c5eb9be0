// What the API description says about users and sessions.
import { type About, object, text } from '../wire.ts'
import { toUserRead } from './view.ts'

const Tokens = object({ access_token: text, refresh_token: text, token_type: text })

export const aboutUsers: About = {
  'POST /api/v1/login': {
    summary: 'Exchange name and password for tokens',
    open: true,
    gives: Tokens,
    errors: ['bad_request', 'invalid_credentials'],
  },
  'POST /api/v1/refresh': {
    summary: 'Exchange the refresh cookie for new tokens',
    open: true,
    gives: Tokens,
    errors: ['invalid_credentials'],
  },
  'POST /api/v1/logout': {
    summary: 'Delete the cookies',
    open: true,
    gives: object({ message: text }),
  },
  'POST /api/v1/users/': {
    summary: 'Sign up; a superuser activates the user',
    open: true,
    status: 201,
    gives: toUserRead,
    errors: ['bad_request'],
  },
  'GET /api/v1/users/whoami': { summary: 'Read the caller', gives: toUserRead },
  'PATCH /api/v1/users/:user_id': {
    summary: 'Change a user: oneself, or as superuser anybody',
    gives: toUserRead,
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
}
