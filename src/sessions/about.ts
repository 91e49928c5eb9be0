// What the API description says about sessions.
import { type About, count, listOf, object, text } from '../wire.ts'
import { toSession } from './view.ts'

export const aboutSessions: About = {
  'GET /api/v1/sessions': {
    summary: "List the caller's sessions, or as superuser those of `user_id`, newest first",
    gives: object({ total_count: count, sessions: listOf(toSession) }),
    errors: ['forbidden'],
  },
  'DELETE /api/v1/sessions': {
    summary:
      "End all of the caller's sessions but this one, or as superuser all of `user_id`; `keys=true` deletes the user's API keys too",
    gives: object({ detail: text, ended: count, keys_deleted: count }),
    errors: ['forbidden'],
  },
  'DELETE /api/v1/sessions/:session_id': {
    summary: "End one of the caller's sessions, or as superuser anybody's",
    gives: object({ detail: text }),
    errors: ['not_found'],
  },
}
