// The commands of `npm run db`: each looks, decides with the engine's own plan, and says what it found
// in words and as data.
import { createInterface } from 'node:readline/promises'
import type { Database, InStatement } from '../db/client.ts'
import { isLost, isRefusedBySql } from '../db/failures.ts'
import { apply, type Progress, planRequests } from '../migrate/apply.ts'
import { toShown } from '../migrate/difference.ts'
import { prepareTables } from '../migrate/guard.ts'
import { isOurs } from '../migrate/history.ts'
import { breakLease, dropLease, holdLease, isLive, leaseSecondsFor } from '../migrate/lease.ts'
import { expectLedger, forget, recordRevision } from '../migrate/ledger.ts'
import { look as lookAt } from '../migrate/look.ts'
import type { Seen } from '../migrate/observe.ts'
import { startPace, unlimited } from '../migrate/pace.ts'
import { isWork, type Plan } from '../migrate/plan.ts'
import { compareSchema } from '../migrate/proof.ts'
import { headOf } from '../migrate/revision.ts'
import { migrate } from '../migrate/run.ts'
import { exitCodes } from '../migrate/verdicts.ts'
import {
  type Answer,
  type Command,
  type Context,
  describe,
  fail,
  toLine,
  toText,
} from './answers.ts'
import { backup } from './backup.ts'
import { type Broken, planRepair } from './repair.ts'
import { restore } from './restore.ts'

export const commands: Record<string, Command> = {
  backup,
  restore,

  async status(context) {
    const { found, seen } = await look(context)
    return describe(context, found, seen)
  },

  async plan(context) {
    const { found, seen } = await look(context)
    if (!isWork(found) || !seen) return describe(context, found, seen)
    const requests = planRequests(seen, found, 'the run id')
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

  async stamp(context) {
    const { found, seen } = await look(context)
    if (context.force !== undefined && seen) return forceStamp(context, seen, context.force)
    if (found.kind !== 'unstamped' || !seen) return describe(context, found, seen)
    const stamps = { ...found, apply: [] }
    const outcome = await apply(context.db, seen, stamps, crypto.randomUUID(), startPace(unlimited))
    if (outcome.kind !== 'done') return fail(`Nothing was stamped: ${outcome.kind}. Look again.`)
    const again = await look(context)
    return describe(context, again.found, again.seen)
  },

  async check(context) {
    const { found, seen } = await look(context)
    if (!seen) return describe(context, found, seen)
    const head = headOf(context.revisions)
    const differences = compareSchema(head.schema, seen.schema)
    const isFine = differences.length === 0 && (found.kind === 'at_head' || found.kind === 'ahead')
    return {
      code: isFine ? 0 : 1,
      report: { verdict: found.kind, head: head.tag, differences: differences.map(toShown) },
      lines: isFine
        ? [`The schema is ${head.tag}.`]
        : [`The ledger says ${found.kind}; against ${head.tag}:`, ...differences.map(toLine)],
    }
  },

  async repair(context) {
    const { db, revisions, yes } = context
    const { found, seen } = await look(context)
    const broken = toBroken(found)
    if (!seen || !broken) return describe(context, found, seen)
    const repair = await planRepair(db, seen, broken, revisions)
    if (repair.kind === 'person')
      return {
        code: exitCodes[found.kind],
        report: { verdict: found.kind, ...repair },
        lines: ['A person must decide:', ...repair.reasons.map((reason) => `  ${reason}`)],
      }
    const said = [`Adding this leads to ${repair.towards}:`, ...repair.statements.map(toText)]
    if (!yes)
      return {
        code: exitCodes[found.kind],
        report: { verdict: found.kind, ...repair },
        lines: [...said, 'Nothing was written. Repeat with --yes to do it.'],
      }
    await sendGuarded(db, seen, repair.statements)
    const again = await look(context)
    const answer = describe(context, again.found, again.seen)
    return { ...answer, lines: [...said, ...answer.lines] }
  },

  async unlock(context) {
    const { found, seen } = await look(context)
    if (!seen) return describe(context, found, seen)
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

async function look({ db, revisions }: Context): Promise<{ found: Plan; seen: Seen | undefined }> {
  const { seen, found } = await lookAt(db, revisions)
  return { found, seen: seen.kind === 'seen' ? seen : undefined }
}

/** What a transaction has done, once it has. */
function toProgressLine({ request, changed, ms }: Progress): string {
  const tags = request.revisions.map((r) => r.tag).join(', ')
  if (tags === '') return 'took the lease'
  const rows = request.repeated && changed > 0 ? `, a slice: ${changed} rows` : ''
  return `${request.how} ${tags}${rows} (${Math.round(ms)} ms)`
}

/** What there is to repair; at head, that is at most a plain index. */
function toBroken(found: Plan): Broken | undefined {
  if (found.kind === 'partial' || found.kind === 'drifted') return found
  if (found.kind !== 'at_head' || found.slow.length === 0) return undefined
  return { kind: 'drifted', from: found.from, differences: found.slow }
}

/** The ledger's rows of ours become exactly the revisions up to `tag`, on a person's word. */
async function forceStamp(context: Context, seen: Seen, tag: string): Promise<Answer> {
  const { revisions, yesIKnow, db } = context
  const index = revisions.findIndex((revision) => revision.tag === tag)
  if (index === -1) return fail(`${tag} is not one of ${revisions.map((r) => r.tag).join(', ')}.`)
  const typed = yesIKnow ?? (await ask(`Nothing proves ${tag}. Type its name to go on: `))
  if (typed !== tag) return fail(`Nothing was stamped: "${tag}" was not typed back.`)
  const runId = crypto.randomUUID()
  await sendGuarded(db, seen, [
    ...forget((seen.ledger ?? []).filter((row) => isOurs(row, revisions))),
    ...revisions.slice(0, index + 1).map((revision) => recordRevision(revision, 'forced', runId)),
  ])
  const again = await look(context)
  return describe(context, again.found, again.seen)
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(question)
  terminal.close()
  return answer.trim()
}

/** One transaction under the same guards as a revision. */
async function sendGuarded(db: Database, seen: Seen, statements: InStatement[]): Promise<void> {
  const holder = crypto.randomUUID()
  const hashes = (seen.ledger ?? []).map((row) => row.hash)
  try {
    await db.migrate([
      ...prepareTables(seen),
      ...holdLease(holder, leaseSecondsFor(seen)),
      expectLedger(hashes),
      ...statements,
      dropLease(holder),
    ])
  } catch (error) {
    const certainty = isRefusedBySql(error) && !isLost(error) ? 'Nothing was written' : 'Look again'
    throw new Error(`${certainty}: ${error instanceof Error ? error.message : error}`)
  }
}
