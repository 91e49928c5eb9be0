// What replicas are measured in: a primary, two replicas at a distance from it, a world in all three, and Workers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@libsql/client'
import { type Distance, type Line, startDistance } from '../../src/cli/replicas/distance.ts'
import { freePort, type Sqld, startSqld } from '../../src/cli/sqld.ts'
import { listeningOn } from './cpu.ts'
import {
  ensureWorld,
  HEADERS_PAGE,
  type Headers,
  signIn,
  startWorker,
  type Worker,
} from './setting.ts'

export const BOUND_MS = 500
/** Round trips from a replica and its Worker to the primary. */
export const DISTANCES_MS = [20, 80, 150]
export const FIRST_PAGE = HEADERS_PAGE.replace('&header_flows=true', '')
const NEAR_MS = 5

export type Server = { readonly url: string; readonly db: Client; readonly pids: number[] }

export type Far = {
  readonly primary: Server
  readonly replicas: Server[]
  readonly headers: Headers
  /** From far away to the primary; the line also of what replicas follow. */
  readonly line: Line
  /** As seen from a Worker near the first replica. */
  readonly farPrimary: Distance
  readonly nearReplica: Distance
  /** A Worker that asks there; with a replica, also of that what is within the bound. flowgate by default. */
  start(primary: string, how?: { replica?: string; script?: string }): Promise<Worker>
  /** Waits until both replicas answer the question as the primary does. */
  untilSame(question: string): Promise<void>
  stop(): Promise<void>
}

export const at = ({ port }: { port: number }) => `http://127.0.0.1:${port}`

/** Seeds the world into the primary, and waits until the replicas have it. */
export async function openFar(flows: number): Promise<Far> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-far-'))
  const stops: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })]
  const stop = async () => {
    for (const one of stops.reverse()) await one()
  }
  const serve = async (name: string, more: string[]): Promise<Server> => {
    const sqld: Sqld = await startSqld(join(directory, name), { more })
    stops.push(() => sqld.stop())
    const db = createClient({ url: sqld.url })
    return { url: sqld.url, db, pids: listeningOn(new URL(sqld.url).host) }
  }
  const line: Line = { roundTripMs: 0 }
  const over = async (port: number, how: Line) => {
    const distance = await startDistance(port, how)
    stops.push(() => distance.stop())
    return distance
  }
  try {
    const grpc = await freePort()
    const primary = await serve('primary', ['--grpc-listen-addr', `127.0.0.1:${grpc}`])
    const headers = await signIn(primary.db, await ensureWorld(primary.db, primary.url, flows))
    const followed = at(await over(grpc, line))
    const replicas = [
      await serve('replica-1', ['--primary-grpc-url', followed]),
      await serve('replica-2', ['--primary-grpc-url', followed]),
    ]
    const portOf = ({ url }: Server) => Number(new URL(url).port)
    const far: Far = {
      primary,
      replicas,
      headers,
      line,
      farPrimary: await over(portOf(primary), line),
      nearReplica: await over(portOf(replicas[0] ?? primary), { roundTripMs: NEAR_MS }),
      async start(url, { replica, script = 'dist/index.js' } = {}) {
        const more = { LIBSQL_REPLICA_URL: replica ?? '', CONSISTENCY: `bounded:${BOUND_MS}` }
        const worker = await startWorker(script, url, replica ? more : {})
        stops.push(() => worker.stop())
        return worker
      },
      untilSame: (question) => untilSame([primary, ...replicas], question),
      stop,
    }
    await far.untilSame('SELECT count(*) FROM flowgate_session')
    return far
  } catch (error) {
    await stop()
    throw error
  }
}

async function untilSame(servers: Server[], question: string): Promise<void> {
  for (;;) {
    const asked = servers.map(({ db }) => db.execute(question).catch(() => undefined))
    const answers = (await Promise.all(asked)).map((answer) => JSON.stringify(answer?.rows))
    if (new Set(answers).size === 1) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const among = (ids: string[]) =>
  `id IN (SELECT value FROM json_each('${JSON.stringify(ids)}'))`

/** Gives these flows graphs of so many bytes, at all servers. */
export async function setGraphs({ primary, untilSame }: Far, ids: string[], bytes: number) {
  await primary.db.execute(`UPDATE flow SET data = '{"nodes":[{"id":"' ||
    hex(randomblob(${Math.ceil((bytes - 40) / 2)})) || '"}],"edges":[]}' WHERE ${among(ids)}`)
  await untilSame(`SELECT sum(octet_length(data)), max(data) FROM flow WHERE ${among(ids)}`)
}

/** Time to the whole answer, and how far behind it says to be where it is the replica's. */
export async function ask(worker: Worker, path: string, headers: Record<string, string>) {
  const started = performance.now()
  const response = await fetch(new URL(path, worker.url), { headers })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  const age = /from=replica; age=(\d+)/.exec(response.headers.get('flowgate-consistency') ?? '')
  return { ms: performance.now() - started, age: age ? Number(age[1]) : undefined, text }
}
