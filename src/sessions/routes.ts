// /api/v1/sessions
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import type { SignedIn } from '../access/signed-in.ts'
import { path, query } from '../params.ts'
import { arrayOf, count, object, text } from '../wire.ts'
import { Ending, SessionPath, Whose } from './params.ts'
import { endAll, endSession, listSessions } from './query.ts'
import { toSession } from './view.ts'

export const sessions = new Hono<SignedIn>()

  .get(
    '/sessions',
    about({
      summary: "List the caller's sessions, or as superuser those of `user_id`, newest first",
      gives: object({ total_count: count, sessions: arrayOf(toSession) }),
      errors: ['forbidden'],
    }),
    query(Whose),
    async (c) => {
      const { user_id } = c.req.valid('query')
      const rows = await listSessions(c.var.ask, c.var.credential, user_id)
      return c.json({ total_count: rows.length, sessions: rows.map(toSession) })
    },
  )

  .delete(
    '/sessions',
    about({
      summary:
        "End all of the caller's sessions but this one, or as superuser all of `user_id`; `keys=true` deletes the user's API keys too",
      gives: object({ detail: text, ended: count, keys_deleted: count }),
      errors: ['forbidden'],
    }),
    query(Ending),
    async (c) => {
      const done = await endAll(c.var.ask, c.var.credential, c.req.valid('query'))
      return c.json({ detail: 'Sessions ended', ...done })
    },
  )

  .delete(
    '/sessions/:session_id',
    about({
      summary: "End one of the caller's sessions, or as superuser anybody's",
      gives: object({ detail: text }),
      errors: ['not_found'],
    }),
    path(SessionPath),
    async (c) => {
      await endSession(c.var.ask, c.req.valid('param').session_id)
      return c.json({ detail: 'Session ended' })
    },
  )
