// What each verdict means to the outside: the exit code of the CLI, the error that a request gets, and
// what a person should do. One entry per verdict; the README's runbook says the same.
import { isForbidden } from '../db/failures.ts'
import { faultOf } from '../db/faults.ts'
import { ApiError, type Code } from '../errors.ts'
import { type Difference, describe, toShown } from './difference.ts'
import { isTooSlow } from './lease.ts'
import type { Plan, Verdict } from './plan.ts'

/** Of `npm run db -- status` and the commands that end in a verdict. */
export const exitCodes = {
  at_head: 0,
  ahead: 0,
  empty: 10,
  behind: 11,
  unstamped: 12,
  partial: 20,
  drifted: 21,
  diverged: 22,
  tampered: 23,
  held: 30,
  failed_recently: 31,
  unknown: 40,
} as const satisfies Record<Verdict, number>

/** Why a plan may not be served, or undefined where it may (after its work, if it has some). */
export function refusalOf(plan: Plan): ApiError | undefined {
  switch (plan.kind) {
    case 'at_head':
    case 'empty':
    case 'behind':
    case 'unstamped':
      return undefined
    case 'ahead':
      return plan.breaking === undefined
        ? undefined
        : refuse(
            'schema_breaking',
            `The database has revision ${plan.breaking}, which this build must not serve. Deploy the newer build.`,
          )
    case 'partial':
      return refuse(
        'schema_partial',
        `The schema matches no known revision; the nearest is ${plan.nearest}: ${summarise(plan.differences)}. Nothing was written.`,
      )
    case 'drifted':
      return refuse(
        'schema_drifted',
        `The ledger says ${plan.from}, but the schema is not that: ${summarise(plan.differences)}. Nothing was written.`,
      )
    case 'diverged':
      return refuse(
        'schema_diverged',
        `The ledger does not continue this build's revisions: ${plan.rows.join(', ')}. Nothing was written.`,
      )
    case 'tampered':
      return refuse(
        'schema_tampered',
        `Revision ${plan.revision} was edited after it was applied. Restore its file. Nothing was written.`,
      )
    case 'held':
      return refuse(
        'migration_running',
        'The database is being brought up to date. Try again in a moment.',
        plan.remainingMs,
      )
    case 'failed_recently':
      return refuse(
        'migration_failed',
        `Revision ${plan.revision} failed ${plan.attempts === 1 ? 'once' : `${plan.attempts} times`} (${plan.reason ?? 'no code'}). ${wayOutOf(plan.reason)}`,
        plan.retryInMs,
      )
    case 'unknown':
      if (isForbidden(plan.error)) return faultOf(plan.error)
      return new ApiError(
        'database_unavailable',
        'The database cannot be read or written. Nothing is known to have been written.',
        { cause: plan.error, retryAfter: 2 },
      )
    default:
      return plan satisfies never
  }
}

/** What a person does about a failure with this code. */
export const wayOutOf = (reason: string | undefined): string =>
  isTooSlow(reason)
    ? 'One of its statements takes longer than the database grants while others write. Choose a quiet window and run: npm run db -- migrate'
    : 'It will be tried again after a pause; see the log.'

/** What the log and the CLI tell beyond the verdict's name. */
export function detailOf(plan: Plan): Record<string, unknown> {
  const { kind, from, ...rest } = plan
  switch (plan.kind) {
    case 'partial':
    case 'drifted':
      return { ...rest, differences: plan.differences.map(toShown) }
    case 'unstamped':
      return { proof: plan.proof }
    case 'at_head':
      return plan.slow.length > 0 ? { slow: plan.slow.map(toShown) } : {}
    case 'empty':
    case 'behind':
      return {}
    case 'unknown':
      return { error: String(plan.error) }
    default:
      return rest
  }
}

/** The first of them, joined; the exact values are in the log and in `status`. */
function summarise(differences: readonly Difference[]): string {
  const shown = differences.slice(0, 8).map(describe)
  const more = differences.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

const refuse = (code: Code, detail: string, retryInMs = 60_000) =>
  new ApiError(code, detail, { retryAfter: Math.max(1, Math.ceil(retryInMs / 1000)) })
