// What `npm run demo:replicas` runs: a primary, two replicas far from it, and three Workers, each a process of its own.
// A server that ends comes back as whoever runs it would have it.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort, leash, type Sqld, startSqld } from '../sqld.ts'
import { startDistance } from './distance.ts'
import { listProcesses } from './processes.ts'

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)))
const RESTART_MS = 2000
const BOUND_MS = 500

/** Milliseconds of a round trip: from a replica and its Worker to the primary, and from a Worker to its own server. */
export type Distances = { far: number; near: number }

export type Place = {
  readonly name: string
  /** Of the Worker. */
  readonly url: string
  /** Where its server listens, without any distance. */
  readonly database: string
  readonly isReplica: boolean
}

export type Replicated = {
  readonly places: Place[]
  /** Of each place; undefined while one is down, or where there is no `ps`. */
  pids(): { worker: number | undefined; sqld: number | undefined }[]
  stop(): Promise<void>
}

/** Ports of one place, and the bindings of its Worker. */
export type WorkerPlan = { port: number; bindings: Record<string, string> }

type Secrets = Record<'SECRET_KEY' | 'SUPERUSER' | 'SUPERUSER_PASSWORD', string>

/** Starts everything with its data in `directory`; what is started ends with us, however we end. */
export async function startReplicated(
  directory: string,
  { far, near }: Distances,
  secrets: Secrets,
): Promise<Replicated> {
  const grpc = await freePort()
  const stops: (() => unknown)[] = []
  const start = async (name: string, more: string[]) => {
    const server = await keepAlive(join(directory, name), more)
    stops.push(() => server.stop())
    return server
  }
  const through = async (port: number, roundTripMs: number) => {
    const distance = await startDistance(port, { roundTripMs })
    stops.push(() => distance.stop())
    return distance.port
  }
  const primary = await start('primary', ['--grpc-listen-addr', `127.0.0.1:${grpc}`])
  const farGrpc = await through(grpc, far)
  const farPrimary = await through(primary.port, far)
  const names = ['primary', 'replica 1', 'replica 2']
  const servers = [primary]
  const plans: WorkerPlan[] = []
  const common = { ...secrets, RATE_LIMIT: 'off' }
  const at = (port: number) => `http://127.0.0.1:${port}`
  const add = async (bindings: Record<string, string>) =>
    plans.push({ port: await freePort(), bindings: { ...common, ...bindings } })
  await add({ LIBSQL_URL: at(await through(primary.port, near)) })
  for (const name of names.slice(1)) {
    const replica = await start(name.replace(' ', '-'), ['--primary-grpc-url', at(farGrpc)])
    servers.push(replica)
    await add({
      LIBSQL_URL: at(farPrimary),
      LIBSQL_REPLICA_URL: at(await through(replica.port, near)),
      CONSISTENCY: `bounded:${BOUND_MS}`,
    })
  }
  const workers = await startWorkers(plans)
  stops.push(() => workers.stop())
  return {
    places: names.map((name, i) => ({
      name,
      isReplica: i > 0,
      url: workers.urls[i] ?? '',
      database: at(servers[i]?.port ?? 0),
    })),
    pids() {
      const processes = listProcesses()
      const pidOf = (program: string, port: number | undefined) =>
        processes.find((one) => one.program === program && one.isGiven(`127.0.0.1:${port}`))?.pid
      return names.map((_, i) => ({
        worker: pidOf('workerd', plans[i]?.port),
        sqld: pidOf('sqld', servers[i]?.port),
      }))
    },
    async stop() {
      for (const stop of stops.reverse()) await stop()
    },
  }
}

/** A server that is started again on the same port whenever it ends. */
async function keepAlive(directory: string, more: string[]) {
  const options = { port: await freePort(), leashed: true, checkpointSeconds: 60, more }
  let sqld: Sqld = await startSqld(directory, options)
  let isStopping = false
  const watch = async () => {
    while (!isStopping) {
      await sqld.ended
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS).unref())
      // One that does not start is tried again.
      if (!isStopping) sqld = await startSqld(directory, options).catch(() => sqld)
    }
  }
  watch()
  return {
    port: options.port,
    async stop() {
      isStopping = true
      await sqld.stop()
    },
  }
}

/** Miniflare ends its workerds when it is told to end, and so it is, by the leash. */
async function startWorkers(plans: WorkerPlan[]) {
  const script = join(root, 'src', 'cli', 'replicas', 'workers.ts')
  const args = [leash, process.execPath, '--import', 'tsx', script, JSON.stringify(plans)]
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    ended.then(() => reject(new Error('The Workers ended; see their message above.')))
  })
  return {
    urls: JSON.parse(line) as string[], // our own script's line
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
