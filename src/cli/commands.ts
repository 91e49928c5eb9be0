// The commands of `npm run db`: each looks, decides with the engine's own plan, and says what it found
// in words and as data.
import type { Progress } from '../migrate/apply.ts'
import { planRequests } from '../migrate/apply.ts'
import { toShown } from '../migrate/difference.ts'
import { breakLease, isLive } from '../migrate/lease.ts'
import { isWork } from '../migrate/plan.ts'
import { compareSchema } from '../migrate/proof.ts'
import { headOf } from '../migrate/revision.ts'
import { migrate } from '../migrate/run.ts'
import { exitCodes } from '../migrate/verdicts.ts'
import { answerFor, type Command, toLine, toText } from './answers.ts'
import { backup } from './backup.ts'
import { look } from './engine.ts'
import { listFindings } from './findings.ts'
import { countMissingAudit, countStale, findMiscounts } from './miscounts.ts'
import { repair } from './repair.ts'
import { restore } from './restore.ts'
import { stamp } from './stamp.ts'

export const commands: Record<string, Command> = {
  backup,
  restore,

  stamp,
  repair,

  async status(context) {
    const { found, seen } = await look(context)
    const answer = answerFor(context, found, seen)
    const { report, lines } = await listFindings(context.db, found)
    return {
      ...answer,
      report: { ...answer.report, ...report },
      lines: [...answer.lines, ...lines],
    }
  },

  async plan(context) {
    const { found, seen } = await look(context)
    if (!isWork(found) || !seen) return answerFor(context, found, seen)
    const runner = { revisions: context.revisions, runId: 'the run id' }
    const requests = planRequests(seen, found, runner, context.db.limits.stepMs)
    const labels = requests.map(({ how, revisions }) =>
      revisions.length === 0
        ? ['takes the lease']
        : revisions.map((r) => `${how} ${r.tag}${r.destructive.map((d) => ` [${d}]`).join('')}`),
    )
    return {
      code: 0,
      report: {
        verdict: found.kind,
        requests: requests.map((r, i) => ({ ...r, labels: labels[i] })),
      },
      lines: requests.flatMap(({ statements, repeated }, i) => [
        `-- request ${i + 1} of ${requests.length}, one transaction: ${labels[i]?.join(', ')}${repeated ? ' (again, a slice instead of LIMIT -1 each time, until it changes nothing)' : ''}`,
        ...statements.map(toText),
        '',
      ]),
    }
  },

  async migrate(context) {
    const { db, revisions, progress } = context
    const run = await migrate(db, revisions, {
      insist: true,
      onProgress: (done) => progress(toProgressLine(done)),
    })
    const { verdict, before, after, stamped, applied, changed } = run.report
    return {
      code: exitCodes[verdict],
      report: run.report,
      lines: [
        `${before ?? 'nothing'} -> ${after ?? 'nothing'}: ${verdict}`,
        ...(stamped.length > 0 ? [`stamped  ${stamped.join(', ')}`] : []),
        ...(applied.length > 0 ? [`applied  ${applied.join(', ')}`] : []),
        ...Object.entries(changed ?? {}).map(([what, rows]) => `changed  ${what}: ${rows}`),
        ...(run.refusal ? [String(run.refusal.detail)] : []),
      ],
    }
  },

  async check(context) {
    const { found, seen } = await look(context)
    if (!seen) return answerFor(context, found, seen)
    const head = headOf(context.revisions)
    const differences = compareSchema(head.schema, seen.schema)
    const miscounts = await findMiscounts(context.db)
    const stale = await countStale(context.db)
    const missing = await countMissingAudit(context.db)
    const isProven =
      differences.length === 0 && (found.kind === 'at_head' || found.kind === 'ahead')
    return {
      code: isProven && miscounts.length === 0 && stale === 0 ? 0 : 1,
      report: {
        verdict: found.kind,
        head: head.tag,
        differences: differences.map(toShown),
        ...(miscounts.length > 0 ? { miscounts } : {}),
        ...(stale > 0 ? { search_entries_stale: stale } : {}),
        ...(missing > 0 ? { audit_rows_missing: missing } : {}),
      },
      lines: [
        ...(isProven
          ? [`The schema is ${head.tag}.`]
          : [`The ledger says ${found.kind}; against ${head.tag}:`, ...differences.map(toLine)]),
        ...(miscounts.length > 0
          ? [
              `${miscounts.length} counts are not the number of their flows, or not with the newest of them: repair sets them right.`,
            ]
          : []),
        ...(stale > 0
          ? [`${stale} entries of the search are not as their flows: repair sets them right.`]
          : []),
        ...(missing > 0 ? [`The audit has lost ${missing} rows; nothing brings them back.`] : []),
      ],
    }
  },

  async unlock(context) {
    const { found, seen } = await look(context)
    if (!seen) return answerFor(context, found, seen)
    const { lease } = seen
    if (lease) await context.db.migrate([breakLease()])
    const held = lease && isLive(lease)
    return {
      code: 0,
      report: { lease: lease ?? null },
      lines: [
        held ? `Ended the lease of ${lease.holder}.` : 'No lease was held.',
        ...(lease?.failure ? [`Forgot the failure of ${lease.failure.tag}.`] : []),
      ],
    }
  },
}

/** What a transaction has done, once it has. */
function toProgressLine({ request, changed, ms }: Progress): string {
  const tags = request.revisions.map((r) => r.tag).join(', ')
  if (tags === '') return 'took the lease'
  const rows = request.repeated && changed > 0 ? `, a slice: ${changed} rows` : ''
  return `${request.how} ${tags}${rows} (${Math.round(ms)} ms)`
}
