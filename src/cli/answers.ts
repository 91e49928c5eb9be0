// What the commands answer, in words and as data.
import type { Database, InStatement } from '../db/client.ts'
import { type Difference, toShown } from '../migrate/difference.ts'
import type { Seen } from '../migrate/observe.ts'
import { isWork, type Plan } from '../migrate/plan.ts'
import { headOf, type Revisions } from '../migrate/revision.ts'
import { detailOf, exitCodes, refusalOf } from '../migrate/verdicts.ts'

export type Context = {
  readonly db: Database
  readonly url: string
  readonly revisions: Revisions
  readonly token?: string | undefined
  /** What backup and restore were given. */
  readonly file?: string | undefined
  readonly yes: boolean
  readonly force: string | undefined
  readonly yesIKnow: string | undefined
  readonly progress: (line: string) => void
}
export type Answer = { code: number; report: Record<string, unknown>; lines: string[] }
export type Command = (context: Context) => Promise<Answer>

/** A verdict, and what it would lead to. */
export function answerFor(context: Context, found: Plan, seen: Seen | undefined): Answer {
  const head = headOf(context.revisions).tag
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
    ...('slow' in found ? found.slow.map(toLine) : []),
    ...('newer' in found ? [`newer    ${found.newer.join(', ')}`] : []),
    ...('remainingMs' in found
      ? [`lease    ends in ${Math.round(found.remainingMs / 1000)} s`]
      : []),
    ...(refusal ? [String(refusal.detail)] : []),
    ...(found.kind === 'unknown' ? [String(found.error)] : []),
  ]
  return { code: exitCodes[found.kind], report, lines }
}

export const fail = (line: string): Answer => ({ code: 2, report: { error: line }, lines: [line] })

export function toLine(difference: Difference): string {
  const { kind, object, expected, found } = toShown(difference)
  return `  ${kind.padEnd(10)} ${object}${expected ? `, expected ${expected}` : ''}${found ? `, found ${found}` : ''}`
}

export function toText(statement: InStatement): string {
  if (typeof statement === 'string') return statement.trim().replace(/;?$/, ';')
  if (Array.isArray(statement)) return `${statement[0]};`
  const args =
    Array.isArray(statement.args) && statement.args.length > 0 ? statement.args : undefined
  return `${statement.sql};${args ? ` -- ${JSON.stringify(args)}` : ''}`
}
