// `npm run db -- stamp`: writes ledger rows and runs nothing, for what is proven or on a person's word.
import { createInterface } from 'node:readline/promises'
import { apply } from '../migrate/apply.ts'
import { isOurs } from '../migrate/history.ts'
import { forget, recordRevision } from '../migrate/ledger.ts'
import type { Seen } from '../migrate/observe.ts'
import { startPace, unlimited } from '../migrate/pace.ts'
import { type Answer, answerFor, type Command, type Context, fail } from './answers.ts'
import { look, sendGuarded, toCertainty } from './engine.ts'

export const stamp: Command = async (context) => {
  const { found, seen } = await look(context)
  if (context.force !== undefined && seen) return forceStamp(context, seen, context.force)
  if (found.kind !== 'unstamped' || !seen) return answerFor(context, found, seen)
  const stamps = { ...found, apply: [] }
  const runner = { revisions: context.revisions, runId: crypto.randomUUID() }
  const outcome = await apply(context.db, seen, stamps, runner, startPace(unlimited))
  if (outcome.kind === 'moved')
    return fail('Somebody else moved first. Nothing was stamped; look again.')
  if ('error' in outcome) throw new Error(toCertainty(outcome.error), { cause: outcome.error })
  const again = await look(context)
  return answerFor(context, again.found, again.seen)
}

/** The ledger's rows of ours become exactly the revisions up to `tag`, on a person's word. */
async function forceStamp(context: Context, seen: Seen, tag: string): Promise<Answer> {
  const { revisions, yesIKnow } = context
  const index = revisions.findIndex((revision) => revision.tag === tag)
  if (index === -1) return fail(`${tag} is not one of ${revisions.map((r) => r.tag).join(', ')}.`)
  const typed = yesIKnow ?? (await ask(`Nothing proves ${tag}. Type its name to go on: `))
  if (typed !== tag) return fail(`Nothing was stamped: "${tag}" was not typed back.`)
  const runId = crypto.randomUUID()
  await sendGuarded(context, seen, [
    ...forget((seen.ledger ?? []).filter((row) => isOurs(row, revisions))),
    ...revisions.slice(0, index + 1).map((revision) => recordRevision(revision, 'forced', runId)),
  ])
  const again = await look(context)
  return answerFor(context, again.found, again.seen)
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(question)
  terminal.close()
  return answer.trim()
}
