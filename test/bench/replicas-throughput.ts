// Listings a second of three Workers on one primary, and of three with two replicas; and what each process computed.
import { cpuOf } from './cpu.ts'
import { ask, type Far } from './far.ts'
import type { Phase } from './replicas-report.ts'
import { HEADERS_PAGE, type Worker } from './setting.ts'

const TURNS = 6
const PHASE_MS = 4000
const CONNECTIONS = 4

/** The phases by turns, so that both meet the same noise. */
export async function measureThroughput(
  far: Far,
  headers: Record<string, string>,
): Promise<Phase[]> {
  const { primary, replicas, start } = far
  const beside = await start(primary.url)
  const alone = [beside, await start(primary.url), await start(primary.url)]
  const spread = [beside]
  for (const replica of replicas) spread.push(await start(primary.url, { replica: replica.url }))
  const phases = [
    { name: 'one primary', workers: alone },
    { name: 'a primary and two replicas', workers: spread },
  ].map(({ name, workers }) => {
    const none: Phase = {
      name,
      seconds: 0,
      answers: 0,
      fromReplica: 0,
      primaryMs: 0,
      replicasMs: 0,
      workersMs: 0,
    }
    return { workers, phase: none }
  })
  for (const { workers } of phases) for (const one of workers) await ask(one, HEADERS_PAGE, headers)
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { workers, phase } of phases) await run(far, workers, headers, phase)
    process.stderr.write(`\rthroughput: turn ${turn + 1} of ${TURNS} `)
  }
  return phases.map(({ phase }) => phase)
}

async function run(
  { primary, replicas }: Far,
  workers: Worker[],
  headers: Record<string, string>,
  phase: Phase,
) {
  const ofWorkers = workers.flatMap(({ pids }) => pids)
  const ofReplicas = replicas.flatMap(({ pids }) => pids)
  const cpu = () => [primary.pids, ofReplicas, ofWorkers].map(cpuOf)
  const [before, started] = [cpu(), performance.now()]
  const connection = async (worker: Worker) => {
    while (performance.now() - started < PHASE_MS) {
      const { age } = await ask(worker, HEADERS_PAGE, headers)
      phase.answers++
      if (age !== undefined) phase.fromReplica++
    }
  }
  await Promise.all(
    workers.flatMap((worker) => Array.from({ length: CONNECTIONS }, () => connection(worker))),
  )
  phase.seconds += (performance.now() - started) / 1000
  const [ofPrimary = 0, ofThose = 0, ofAll = 0] = cpu().map((ms, i) => ms - (before[i] ?? 0))
  phase.primaryMs += ofPrimary
  phase.replicasMs += ofThose
  phase.workersMs += ofAll
}
