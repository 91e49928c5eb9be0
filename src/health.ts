// Whether the Worker is alive, and whether its database may be served.
import { Hono } from 'hono/tiny'
import { about } from './about.ts'
import type { Open } from './env.ts'
import { checkReady } from './migrate/ready.ts'
import type { Revisions } from './migrate/revision.ts'
import { arrayOf, nullable, object, oneOf, optional, text } from './wire.ts'

/** Asks nobody, and reads no settings. */
export const alive = new Hono<Open>().get(
  '/health',
  about({
    summary: 'Is the Worker alive?',
    open: true,
    reads: 'nothing',
    gives: object({ status: oneOf('ok') }),
  }),
  (c) => c.json({ status: 'ok' }),
)

const readiness = (status: string) =>
  object({
    status: oneOf(status),
    verdict: text,
    revision: nullable(text),
    head: text,
    code: optional(text),
    detail: { schema: { type: ['string', 'object'] }, optional: true },
    slow: { ...arrayOf(text), optional: true },
  })

const healthOf = (status: string) => object({ status: oneOf(status), chat: oneOf('ok'), db: text })

/** Looks at the database, and never writes. */
export const health = (revisions: Revisions) =>
  new Hono<Open>()

    .get(
      '/health/ready',
      about({
        summary: 'Is the database at head?',
        open: true,
        reads: 'settings',
        gives: readiness('ready'),
        also: {
          503: { means: 'It is not, or cannot be looked at', gives: readiness('not_ready') },
        },
      }),
      async (c) => {
        const { env, db } = c.var
        const { body, status, retryAfter } = await checkReady(db, env.LIBSQL_URL, revisions)
        return c.json(body, status, status === 503 ? { 'retry-after': String(retryAfter) } : {})
      },
    )

    .get(
      '/health_check',
      about({
        summary: "Is all well? For LangBuilder's front end, which wants every value to be ok",
        open: true,
        reads: 'settings',
        gives: healthOf('ok'),
        also: {
          503: { means: 'The database may not be served, or is away', gives: healthOf('nok') },
        },
      }),
      async (c) => {
        const { env, db } = c.var
        const { body, retryAfter } = await checkReady(db, env.LIBSQL_URL, revisions, 'patient')
        const { isWell, said } = toHealthCheck(body)
        return isWell ? c.json(said) : c.json(said, 503, { 'retry-after': String(retryAfter) })
      },
    )

/**
 * The front end covers its page unless every value is `ok`. A database that the next sign-in brings to head is well;
 * of one that may not be served, `db` says why, as `/health/ready` does.
 */
function toHealthCheck({ code, detail }: { code?: string; detail?: unknown }) {
  const isWell = code === undefined
  const db = isWell ? 'ok' : `${code}: ${detail}`
  return { isWell, said: { status: isWell ? 'ok' : 'nok', chat: 'ok', db } }
}
