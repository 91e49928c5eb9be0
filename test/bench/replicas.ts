// `npm run bench -- --replicas`: what a caller far from the primary gains by a replica, what replicas take off the
// primary, and whether strict mode could gain from one.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import build from '../support/build.ts'
import { among, ask, at, DISTANCES_MS, type Far, FIRST_PAGE, openFar, setGraphs } from './far.ts'
import { measureApart } from './replicas-apart.ts'
import { type Gain, toMarkdown } from './replicas-report.ts'
import { measureThroughput } from './replicas-throughput.ts'
import { HEADERS_PAGE, type Worker } from './setting.ts'

const CALLER = '20 projects'
const WRITE_EVERY_MS = 200
/** Until an isolate knows the distance to its primary again. */
const SETTLING_MS = 1500

export type Options = { flows: number; rounds: number; out?: string | undefined }

export async function benchReplicas({ flows, rounds, out }: Options): Promise<void> {
  build()
  const far = await openFar(flows)
  try {
    const ids = await idsOfPage(far)
    const report = {
      command: `npm run bench -- --replicas --flows ${flows}`,
      machine: `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`,
      date: new Date().toISOString().slice(0, 10),
      rounds,
      gains: await measureGains(far, ids, rounds),
      throughput: await measureThroughput(far, authorizationOf(far)),
      apart: await measureApart(far, ids, authorizationOf(far), rounds),
    }
    const table = toMarkdown(report)
    if (out) {
      mkdirSync(out, { recursive: true })
      writeFileSync(join(out, 'replicas.md'), table)
    }
    console.log(`\n${table}`)
  } finally {
    await far.stop()
  }
}

const authorizationOf = ({ headers }: Far) => headers.get(CALLER) ?? {}

/** As stored: of the flows on the caller's first page. None is a component, whose graph a header shows. */
async function idsOfPage(far: Far): Promise<string[]> {
  const worker = await far.start(far.primary.url)
  const page = await fetch(new URL(FIRST_PAGE, worker.url), { headers: authorizationOf(far) })
  const { items } = (await page.json()) as { items: { id: string }[] }
  if (items.length !== 50) throw new Error(`the first page has ${items.length} flows`)
  const ids = items.map(({ id }) => id.replaceAll('-', ''))
  await far.primary.db.execute(`UPDATE flow SET is_component = 0 WHERE ${among(ids)}`)
  return ids
}

/** Both Workers stand near the replica and are asked by turns; a writer writes at the primary all the while. */
async function measureGains(far: Far, ids: string[], rounds: number): Promise<Gain[]> {
  await setGraphs(far, ids, 10_000)
  const replica = at(far.nearReplica)
  const strict = await far.start(at(far.farPrimary))
  const bounded = await far.start(at(far.farPrimary), { replica })
  const writer = await startWriter(far, await far.start(far.primary.url, { replica }))
  const check = `/api/v1/rbac/check-permission?permission=Read&scope_type=Flow&scope_id=${ids[0]}`
  const queries = [
    ['50 headers', HEADERS_PAGE],
    ['50 flows of 10 KB', FIRST_PAGE],
    ['a single flow', `/api/v1/flows/${ids[0]}`],
    ['a check', check],
  ] as const
  const gains: Gain[] = []
  for (const roundTripMs of DISTANCES_MS) {
    far.line.roundTripMs = roundTripMs
    const own = queries.map(([query]): Gain => {
      return { roundTripMs, query, strict: [], bounded: [], fromReplica: 0, greatestAge: 0 }
    })
    const until = performance.now() + SETTLING_MS
    while (performance.now() < until) await ask(bounded, HEADERS_PAGE, authorizationOf(far))
    for (let round = 0; round < rounds; round++) {
      for (const [i, [, path]] of queries.entries()) {
        const gain = own[i]
        gain?.strict.push((await ask(strict, path, authorizationOf(far))).ms)
        const { ms, age } = await ask(bounded, path, authorizationOf(far))
        gain?.bounded.push(ms)
        if (gain && age !== undefined) {
          gain.fromReplica += 1 / rounds
          gain.greatestAge = Math.max(gain.greatestAge, age)
        }
      }
      process.stderr.write(`\r${roundTripMs} ms: round ${round + 1} of ${rounds} `)
    }
    gains.push(...own)
  }
  far.line.roundTripMs = 0
  const { writes, failed } = await writer.stop()
  process.stderr.write(`\n${writes} writes, ${failed} failed\n`)
  if (failed > 0) throw new Error(`${failed} of ${writes} writes failed`)
  return gains
}

/** Five writes a second, through an isolate of their own beside the primary, to a flow that the caller does not see. */
async function startWriter({ primary, headers }: Far, worker: Worker) {
  const { rows } = await primary.db.execute('SELECT id FROM flow WHERE folder_id IS NULL LIMIT 1')
  const url = new URL(`/api/v1/flows/${rows[0]?.id}`, worker.url)
  const [count, open] = [{ writes: 0, failed: 0 }, new Set<Promise<void>>()]
  const write = async (n: number) => {
    const body = JSON.stringify({ description: `written ${n}` })
    const as = { ...headers.get('superuser'), 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'PATCH', headers: as, body })
    await response.text()
    if (!response.ok) count.failed++
  }
  const timer = setInterval(() => {
    const one: Promise<void> = write(count.writes++).then(
      () => void open.delete(one),
      () => void count.failed++,
    )
    open.add(one)
  }, WRITE_EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
      return count
    },
  }
}
