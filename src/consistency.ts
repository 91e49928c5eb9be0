// How fresh an answer is, where there is a replica: what is said of it, and what its caller has seen, which travels with
// them, in a header and a cookie, from isolate to isolate.
import type { Context } from 'hono'
import { generateCookie, getCookie } from 'hono/cookie'
import { cookiesFor } from './cookies.ts'
import type { Position } from './db/clock.ts'
import type { Env, Open } from './env.ts'
import { openCursor, sealCursor } from './identity/secrets.ts'

/** For so long a caller's writes may be on their way to a replica; what is older has arrived, or the bound refuses it. */
const keptMs = ({ CONSISTENCY: boundMs }: Env) => Math.max(60_000, boundMs)

const HEADER = 'Flowgate-At'
const COOKIE = 'flowgate_at'

/** What the caller has seen, by the header or else the cookie. What we did not sign, or lately, is nothing. */
export async function readSeen(c: Context<Open>, env: Env): Promise<Position | undefined> {
  const given = c.req.header(HEADER) ?? getCookie(c, COOKIE)
  if (given === undefined || given.length > 200) return undefined
  const text = await openCursor(given, HEADER, env)
  const [version, index, until] = text?.split(' ').map(Number) ?? []
  if (version === undefined || until === undefined || until < Date.now()) return undefined
  return { version, index: index === 0 ? undefined : index }
}

/** Says of an answer where it comes from, and seals what its caller has seen by now. */
export async function tellConsistency(c: Context<Open>): Promise<void> {
  const { env, db } = c.var
  // Not by c.header(), which makes each time a new answer of the one that is there, and a stream of its body.
  const { headers } = c.res
  const mode = env.CONSISTENCY === 0 ? 'strict' : `bounded:${env.CONSISTENCY}`
  const met = db.show()
  const from = met?.source === 'replica' ? `replica; age=${met.ageMs}` : 'primary'
  headers.set('Flowgate-Consistency', `${mode}; from=${from}`)
  // What any cache may keep is shown to others too.
  if (!met || headers.get('cache-control')?.startsWith('public')) return
  const { version, index = 0 } = met.position
  const seen = await sealCursor(`${version} ${index} ${Date.now() + keptMs(env)}`, HEADER, env)
  headers.set(HEADER, seen)
  const cookie = { ...cookiesFor(c).hidden, maxAge: Math.ceil(keptMs(env) / 1000) } as const
  headers.append('set-cookie', generateCookie(COOKIE, seen, cookie))
}
