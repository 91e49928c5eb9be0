// The commands of `npm run db`: each looks, decides with the engine's own plan, and says what it found
// in words and as data.
import { createInterface } from 'node:readline/promises'
import type { Database, InStatement } from '../db/client.ts'
import { isLost, isRefusedBySql } from '../db/failures.ts'
import { apply, planRequests } from '../migrate/apply.ts'
import {
  breakLease,
  dropLease,
  expectLedger,
  holdLease,
  prepareTables,
  recordRevision,
} from '../migrate/bookkeeping.ts'
import { LEDGER, type Observed, observe } from '../migrate/observe.ts'
import { isWork, type Plan, plan } from '../migrate/plan.ts'
import { compareSchema, type Difference } from '../migrate/proof.ts'
import type { Revision } from '../migrate/revision.ts'
import { migrate } from '../migrate/run.ts'
import { detailOf, exitCodes, refusalOf } from '../migrate/verdicts.ts'
import { planRepair } from './repair.ts'

export type Context = {
  readonly db: Database
  readonly url: string
  readonly revisions: readonly Revision[]
  readonly yes: boolean
  readonly force: string | undefined
  readonly yesIKnow: string | undefined
  readonly progress: (line: string) => void
}
export type Answer = { code: number; report: Record<string, unknown>; lines: string[] }
export type Command = (context: Context) => Promise<Answer>

type Seen = Extract<Observed, { kind: 'seen' }>

export const commands: Record<string, Command> = {
  async status(context) {
    const { found, seen } = await look(context)
    return describe(context, found, seen)
  },

  async plan(context) {
    const { found, seen } = await look(context)
    if (!isWork(found) || !seen) return describe(context, found, seen)
    const requests = planRequests(seen, found, 'the run id')
    const labels = requests.map(({ how, revisions }) =>
      revisions.map((r) => `${how} ${r.tag}${r.destructive.map((d) => ` [${d}]`).join('')}`),
    )
    return {
      code: 0,
      report: {
        verdict: found.kind,
        requests: requests.map((r, i) => ({ ...r, labels: labels[i] })),
      },
      lines: requests.flatMap(({ statements }, i) => [
        `-- request ${i + 1} of ${requests.length}, one transaction: ${labels[i]?.join(', ')}`,
        ...statements.map(toText),
        '',
      ]),
    }
  },

  async migrate(context) {
    const { db, revisions, progress } = context
    const run = await migrate(db, revisions, {
      onRequest: ({ how, revisions: own }) =>
        progress(`${how}: ${own.map((r) => r.tag).join(', ')}`),
    })
    const { verdict, before, after, stamped, applied } = run.report
    return {
      code: exitCodes[verdict],
      report: run.report,
      lines: [
        `${before ?? 'nothing'} -> ${after ?? 'nothing'}: ${verdict}`,
        ...(stamped.length > 0 ? [`stamped  ${stamped.join(', ')}`] : []),
        ...(applied.length > 0 ? [`applied  ${applied.join(', ')}`] : []),
        ...(run.refusal ? [String(run.refusal.detail)] : []),
      ],
    }
  },

  async stamp(context) {
    const { found, seen } = await look(context)
    if (context.force !== undefined && seen) return forceStamp(context, seen, context.force)
    if (found.kind !== 'unstamped' || !seen) return describe(context, found, seen)
    const outcome = await apply(context.db, seen, { ...found, apply: [] }, crypto.randomUUID())
    if (outcome.kind !== 'done') return fail(`Nothing was stamped: ${outcome.kind}. Look again.`)
    const again = await look(context)
    return describe(context, again.found, again.seen)
  },

  async check(context) {
    const { found, seen } = await look(context)
    const head = context.revisions.at(-1) as Revision
    const differences = seen ? compareSchema(head.schema, seen.schema) : []
    const isFine = differences.length === 0 && (found.kind === 'at_head' || found.kind === 'ahead')
    return {
      code: isFine ? 0 : 1,
      report: { verdict: found.kind, head: head.tag, differences },
      lines: isFine
        ? [`The schema is ${head.tag}.`]
        : [`The ledger says ${found.kind}; against ${head.tag}:`, ...differences.map(toLine)],
    }
  },

  async repair(context) {
    const { db, revisions, yes } = context
    const { found, seen } = await look(context)
    if (!seen || (found.kind !== 'partial' && found.kind !== 'drifted'))
      return describe(context, found, seen)
    const repair = await planRepair(db, seen, found, revisions)
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
    const { seen } = await look(context)
    const lease = seen?.lease
    if (lease) await context.db.migrate([breakLease()])
    const held = lease && lease.remainingMs > 0
    return {
      code: seen ? 0 : exitCodes.unknown,
      report: { lease: lease ?? null },
      lines: [
        held ? `Ended the lease of ${lease.holder}.` : 'No lease was held.',
        ...(lease?.failure ? [`Forgot the failure of ${lease.failure.tag}.`] : []),
      ],
    }
  },
}

async function look({ db, revisions }: Context): Promise<{ found: Plan; seen: Seen | undefined }> {
  const observed = await observe(db)
  return {
    found: plan(observed, revisions, ''),
    seen: observed.kind === 'seen' ? observed : undefined,
  }
}

function describe(context: Context, found: Plan, seen: Seen | undefined): Answer {
  const head = (context.revisions.at(-1) as Revision).tag
  const refusal = refusalOf(found)
  const report = {
    verdict: found.kind,
    revision: found.from,
    head,
    ...(isWork(found)
      ? { stamp: found.stamp.map((r) => r.tag), apply: found.apply.map((r) => r.tag) }
      : {}),
    ...detailOf(found),
    ...(seen?.alembic ? { alembic: seen.alembic } : {}),
    ...(refusal ? { code: refusal.code, detail: refusal.detail } : {}),
  }
  const lines = [
    `${context.url}`,
    `verdict  ${found.kind}`,
    `ledger   ${found.from ?? 'nothing'} (head is ${head})`,
    ...(seen?.alembic ? [`alembic  ${seen.alembic} (left alone)`] : []),
    ...(isWork(found) && found.stamp.length > 0
      ? [`to stamp ${found.stamp.map((r) => r.tag).join(', ')}`]
      : []),
    ...(isWork(found) ? [`to apply ${found.apply.map((r) => r.tag).join(', ')}`] : []),
    ...(found.kind === 'unstamped'
      ? ['proof', ...found.proof.matched.map((line) => `  ${line}`)]
      : []),
    ...('differences' in found ? found.differences.map(toLine) : []),
    ...(refusal ? [String(refusal.detail)] : []),
    ...(found.kind === 'unknown' ? [String(found.error)] : []),
  ]
  return { code: exitCodes[found.kind], report, lines }
}

/** The ledger becomes exactly the revisions up to `tag`, on a person's word. */
async function forceStamp(context: Context, seen: Seen, tag: string): Promise<Answer> {
  const { revisions, yesIKnow, db } = context
  const index = revisions.findIndex((revision) => revision.tag === tag)
  if (index === -1) return fail(`${tag} is not one of ${revisions.map((r) => r.tag).join(', ')}.`)
  const typed = yesIKnow ?? (await ask(`Nothing proves ${tag}. Type its name to go on: `))
  if (typed !== tag) return fail(`Nothing was stamped: "${tag}" was not typed back.`)
  const runId = crypto.randomUUID()
  await sendGuarded(db, seen, [
    `DELETE FROM ${LEDGER}`,
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
      ...prepareTables(seen.schema, seen.schemaVersion),
      ...holdLease(holder),
      expectLedger(hashes),
      ...statements,
      dropLease(holder),
    ])
  } catch (error) {
    const certainty = isRefusedBySql(error) && !isLost(error) ? 'Nothing was written' : 'Look again'
    throw new Error(`${certainty}: ${error instanceof Error ? error.message : error}`)
  }
}

const fail = (line: string): Answer => ({ code: 2, report: { error: line }, lines: [line] })

const toLine = ({ kind, object, expected, found }: Difference) =>
  `  ${kind.padEnd(10)} ${object}${expected ? `, expected ${expected}` : ''}${found ? `, found ${found}` : ''}`

function toText(statement: InStatement): string {
  if (typeof statement === 'string') return statement.trim().replace(/;?$/, ';')
  if (Array.isArray(statement)) return `${statement[0]};`
  const args =
    Array.isArray(statement.args) && statement.args.length > 0 ? statement.args : undefined
  return `${statement.sql};${args ? ` -- ${JSON.stringify(args)}` : ''}`
}
