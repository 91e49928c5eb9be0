// Insiders try whatever they can, in any order, in random worlds; after each step the rules are asked.
import fc from 'fast-check'
import type { Flowgate } from './flowgate.ts'
import { sendFile } from './matrix.ts'
import { putWorld, userId } from './random-worlds.ts'
import { broken } from './rights-rules.ts'
import { type Sent, steps, toRequest } from './rights-steps.ts'
import { readState } from './rights-world.ts'
import { temptations } from './tempting-worlds.ts'
import { mintToken } from './tokens.ts'
import { type Answer, call, MERGE_PATCH, signIn } from './world.ts'

/**
 * Throws with the smallest world and the fewest steps found that break a rule; FC_SEED and FC_PATH replay it.
 * `shrink: false` stops at the first. Gives how often each kind of step succeeded.
 */
export async function expectRightsKept(gate: Flowgate, numRuns: number, { shrink = true } = {}) {
  await signIn(gate) // brings the database to head
  const tokens = await Promise.all([0, 1].map((n) => mintToken(userId(n))))
  const { FC_SEED: seed, FC_PATH: path } = process.env
  const done: Record<string, number> = {}
  const tries = fc.array(steps, { minLength: 1, maxLength: 7, size: 'max' })
  const keeps = fc.asyncProperty(temptations, tries, fc.nat(2), async (tempting, tries, after) => {
    const { world, invited } = tempting
    await putWorld(gate.db, world)
    let before = await readState(gate.db, world)
    for (const step of [...tries.slice(0, after), ...invited, ...tries.slice(after)]) {
      const n = step.actor % world.users.length
      const actor = userId(n)
      const sent = toRequest(step, before, actor)
      const answer = await send(gate, sent, { authorization: `Bearer ${tokens[n]}` })
      const after = await readState(gate.db, world)
      const found = broken({ world, actor, sent, answer, before, after })
      if (found.length > 0)
        throw new Error(`${actor} ${JSON.stringify(sent)}: ${answer.status}\n${found.join('\n')}`)
      if (answer.status < 300) done[step.kind] = (done[step.kind] ?? 0) + 1
      before = after
    }
  })
  await fc.assert(keeps, {
    numRuns,
    endOnFailure: !shrink,
    ...(seed ? { seed: Number(seed) } : {}),
    ...(path ? { path } : {}),
  })
  return done
}

function send(gate: Flowgate, sent: Sent, headers: Record<string, string>): Promise<Answer> {
  const path = `/api/v1/${sent.path}`
  // A null says something in a merge patch alone.
  const type =
    sent.method === 'PATCH' && /:null[,}]/.test(JSON.stringify(sent.body)) ? MERGE_PATCH : {}
  return sent.file === undefined
    ? call(gate, sent.method, path, sent.body, { ...headers, ...type })
    : sendFile(gate, sent.method, path, sent.file, headers)
}
