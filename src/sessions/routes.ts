// /api/v1/sessions
import { Hono } from 'hono'
import type { SignedIn } from '../access/ask.ts'
import { path, query } from '../params.ts'
import { Ending, SessionPath, Whose } from './params.ts'
import { endAll, endSession, listSessions } from './query.ts'
import { toSession } from './view.ts'

export const sessions = new Hono<SignedIn>()

  .get('/sessions', query(Whose), async (c) => {
    const { user_id } = c.req.valid('query')
    const rows = await listSessions(c.var.ask, c.var.credential, user_id)
    return c.json({ total_count: rows.length, sessions: rows.map(toSession) })
  })

  .delete('/sessions', query(Ending), async (c) => {
    const done = await endAll(c.var.ask, c.var.credential, c.req.valid('query'))
    return c.json({ detail: 'Sessions ended', ...done })
  })

  .delete('/sessions/:session_id', path(SessionPath), async (c) => {
    await endSession(c.var.ask, c.req.valid('param').session_id)
    return c.json({ detail: 'Session ended' })
  })
