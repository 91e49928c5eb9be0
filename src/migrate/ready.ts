// The gate every request passes. A warm isolate compares one string; a cold one runs the engine.
import type { Database } from '../db/client.ts'
import { observe } from './observe.ts'
import { plan } from './plan.ts'
import type { Revision } from './revision.ts'
import { migrate } from './run.ts'
import { refusalOf } from './verdicts.ts'

/** The database that this isolate has seen at head. A settled fact, never a pending promise. */
let readyUrl: string | undefined

export const isReady = (url: string) => readyUrl === url

/** A query met a table or column that is not there: the schema moved on under this isolate, look again. */
export function doubtReady(): void {
  readyUrl = undefined
}

/**
 * Brings the database to head or finds that it is there; then `isReady(url)` holds for this isolate.
 * Throws ApiError 503 with the code of the verdict. Logs one line either way.
 */
export async function ensureReady(
  db: Database,
  url: string,
  revisions: readonly Revision[],
): Promise<void> {
  const { report, refusal } = await migrate(db, revisions)
  console.log(JSON.stringify(report))
  if (refusal) throw refusal
  readyUrl = url
}

/** What `/health/ready` answers: looks and never writes; a warm isolate does not even look. */
export async function checkReady(db: Database, url: string, revisions: readonly Revision[]) {
  const head = (revisions.at(-1) as Revision).tag
  if (isReady(url))
    return { body: { status: 'ready', verdict: 'at_head', head }, status: 200 as const }
  const found = plan(await observe(db), revisions, '')
  const refusal = refusalOf(found)
  const serving = found.kind === 'at_head' || (found.kind === 'ahead' && !refusal)
  return {
    body: {
      status: serving ? 'ready' : 'not_ready',
      verdict: found.kind,
      revision: found.from,
      head,
      ...(refusal ? { code: refusal.code, detail: refusal.detail } : {}),
    },
    status: serving ? (200 as const) : (503 as const),
  }
}
