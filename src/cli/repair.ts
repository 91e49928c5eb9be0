// `npm run db -- repair`: puts back what is missing of our objects, and then what a lost trigger should have
// kept. Shows it first; writes only with --yes.
import type { Plan } from '../migrate/plan.ts'
import { exitCodes } from '../migrate/verdicts.ts'
import { type Broken, planAdditions } from './additions.ts'
import { type Answer, answerFor, type Command, toText } from './answers.ts'
import { look, sendGuarded } from './engine.ts'
import { countStale, findMiscounts, restoreMiscounts, restoreStale } from './miscounts.ts'

const UNDONE = 'Nothing was written. Repeat with --yes to do it.'

export const repair: Command = async (context) => {
  const { db, revisions, yes } = context
  const { found, seen } = await look(context)
  const broken = toBroken(found)
  if (!seen) return answerFor(context, found, seen)
  const said: string[] = []
  if (broken) {
    const additions = await planAdditions(db, seen, broken, revisions)
    const report = { verdict: found.kind, ...additions }
    if (additions.kind === 'person')
      return toAnswer(found, report, [
        'A person must decide:',
        ...additions.reasons.map((reason) => `  ${reason}`),
      ])
    said.push(`Adding this leads to ${additions.towards}:`, ...additions.statements.map(toText))
    if (!yes) return toAnswer(found, report, [...said, UNDONE])
    await sendGuarded(context, seen, additions.statements)
  }
  const miscounts = await findMiscounts(db)
  if (miscounts.length > 0) {
    said.push(
      `${miscounts.length} counts are not the number of their flows, or not with the newest of them.`,
    )
    if (!yes) return toAnswer(found, { verdict: found.kind, miscounts }, [...said, UNDONE])
    const restored = await restoreMiscounts(context, seen)
    said.push(`Restored ${restored} counts.`)
  }
  const stale = await countStale(db)
  if (stale > 0) {
    said.push(`${stale} entries of the search are not as their flows.`)
    if (!yes) return toAnswer(found, { verdict: found.kind, stale }, [...said, UNDONE])
    said.push(`Restored ${await restoreStale(context, seen)} entries of the search.`)
  }
  const again = await look(context)
  const answer = answerFor(context, again.found, again.seen)
  return { ...answer, lines: [...said, ...answer.lines] }
}

const toAnswer = (found: Plan, report: Record<string, unknown>, lines: string[]): Answer => ({
  code: exitCodes[found.kind],
  report,
  lines,
})

/** What there is to add; at head, that is at most a plain index. */
function toBroken(found: Plan): Broken | undefined {
  if (found.kind === 'partial' || found.kind === 'drifted') return found
  if (found.kind !== 'at_head' || found.slow.length === 0) return undefined
  return { kind: 'drifted', from: found.from, differences: found.slow }
}
