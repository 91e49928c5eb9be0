// What happened without changing anything, and is worth knowing: sign-ins that failed, refusals in bulk.
// Both are written after the answer, so that no answer tells by its time whether there was an account, and
// at most once an hour for each, so that nobody fills the table.
import type { Database } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { record } from './audit.ts'

type Event = 'user.sign_in_failed' | 'user.refused'

/** Of the account's newest rows, so many are looked at for one that says the same. */
const LOOKED_AT = 100

/** Records the event of the account `u` that the condition names, unless the last hour has it. `db` is the request's own. */
export async function recordEvent(
  db: Database,
  event: Event,
  account: SQL,
  { by, requestId }: { by: SQL; requestId: string },
): Promise<void> {
  const recent = sql`EXISTS (SELECT 1 FROM (SELECT action, at FROM flowgate_audit WHERE target_type = 'user' AND target_id = u.id
    ORDER BY seq DESC LIMIT ${LOOKED_AT}) WHERE action = ${event} AND at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 hour'))`
  const rows = sql`FROM user u WHERE ${account} AND NOT ${recent}`
  const { due } = await db.read({ due: sql`SELECT u.id ${rows}` })
  if (due.length === 0) return
  await db.write({ recorded: record({ id: by, requestId }, event, { id: sql`u.id` }, rows) })
}

/** So many refusals of one caller within ten minutes, seen by one isolate, are more than mistakes. */
const MANY = 20
const PERIOD_MS = 600_000
const MAX_CALLERS = 1000
const refusals = new Map<string, { count: number; since: number }>()

/** Counts a refusal; true where it is the one that makes them many. */
export function isOneTooMany(caller: string, now = Date.now()): boolean {
  const known = refusals.get(caller)
  if (known && now - known.since < PERIOD_MS) return ++known.count === MANY
  if (refusals.size >= MAX_CALLERS) refusals.clear()
  refusals.set(caller, { count: 1, since: now })
  return false
}
