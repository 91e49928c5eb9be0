// One look at a database and what follows from it. Where work is to be done, the revisions still to come
// may have something to ask of its rows; that is asked here, before the first write.
import type { Database } from '../db/client.ts'
import { isNoSuchTable } from '../db/failures.ts'
import type { Difference } from './difference.ts'
import { type Observed, observe } from './observe.ts'
import { isWork, type Plan, plan, refuseRows, type Work } from './plan.ts'
import type { Revision, Revisions } from './revision.ts'

export type Look = { readonly seen: Observed; readonly found: Plan }

type Asking = {
  /** Whose own lease never holds itself up. */
  holder?: string
  /** Try again although it failed a moment ago: a person asks for it. */
  insist?: boolean
  /** Of the whole look, where that is less than a request may usually take. */
  limitMs?: number
}

/** One HTTP request, or two where rows are to be asked about. Never throws, never writes. */
export async function look(
  db: Database,
  revisions: Revisions,
  { holder = '', insist = false, limitMs = db.limits.requestMs }: Asking = {},
): Promise<Look> {
  const began = Date.now()
  const seen = await observe(db, revisions, limitMs)
  const found = plan(seen, revisions, holder, insist)
  if (!isWork(found)) return { seen, found }
  try {
    const wrong = await findWrongRows(db, found, Math.max(1, limitMs - (Date.now() - began)))
    return { seen, found: wrong.length > 0 ? refuseRows(found, wrong) : found }
  } catch (error) {
    return { seen, found: { kind: 'unknown', from: null, error } }
  }
}

/** Rows that the revisions of the plan cannot take as they are. An empty database has none. */
async function findWrongRows(db: Database, work: Work, limitMs: number): Promise<Difference[]> {
  const asked =
    work.kind === 'empty' ? [] : work.apply.flatMap(({ requires }: Revision) => requires)
  if (asked.length === 0) return []
  const results = await db.snapshot(
    asked.map(({ sql }) => sql),
    { limitMs },
  )
  return asked.flatMap(({ wrong }, i): Difference[] => {
    const result = results[i]
    if (!result) throw new Error('the database answered fewer results than were asked for')
    if ('error' in result) {
      // A table that is still to come holds nothing wrong.
      if (isNoSuchTable(result.error, '')) return []
      throw result.error
    }
    const found = result.rows.map((row) => String(Object.values(row)[0])).join('; ')
    return found === '' ? [] : [{ kind: 'different', what: 'rows', wrong, found }]
  })
}
