// One flowgate for a test file: the real bundle in real workerd over a real sqld of its own, with a
// proxy between the two. Everything it starts ends with the test that asked for it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@libsql/client'
import { Miniflare, type WorkerOptions } from 'miniflare'
import { onTestFinished } from 'vitest'
import { type Sqld, startSqld } from '../../src/cli/sqld.ts'
import { endLog, shareLog, showIfFailed } from './own-log.ts'
import { type DatabaseProxy, startProxy } from './proxy.ts'
import { forget, recordAt, recorded } from './recorder.ts'
import { type Replicated, startReplicated } from './replicas.ts'
import { startRuledSqld } from './sqlds.ts'

export const SECRET_KEY = 'a secret that only the tests of flowgate know'
export const SUPERUSER = 'root'
export const SUPERUSER_PASSWORD = 'correct horse battery'

/** No test runs so long: a write that meets a checkpoint may be refused as busy (test/proof/sqld.test.ts), and is repeated by clients. */
const NO_CHECKPOINT_S = 7200

export type Flowgate = {
  readonly sqld: Sqld
  readonly proxy: DatabaseProxy
  /** With `replicas`: those, and the primary, which is `sqld`. */
  replicated(): Replicated
  /** Straight to the database, past the Worker. */
  readonly db: Client
  /** JSON lines that the Worker logged, on either stream. */
  readonly logs: LogLine[]
  /** Where the first isolate listens. */
  readonly url: string
  /** Sends a request to an isolate (the first one by default). What it answers is held against /openapi.json. */
  fetch(path: string, init?: RequestInit, isolate?: number): Promise<Response>
  /** The same behind a front, as deployments are: under a name that is not of loopback, its body read to the end whatever is answered. */
  fetchByName(path: string, init?: RequestInit): Promise<Response>
  /** Replaces all isolates by fresh, cold ones. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export type LogLine = { event: string; stream: 'stdout' | 'stderr'; [key: string]: unknown }

type Options = {
  isolates?: number
  delayMs?: number
  bindings?: Record<string, string>
  /** And those of a single isolate. */
  bindingsOf?: (isolate: number) => Record<string, string>
  /** Requests per minute and address, for each limiter; no limits by default, nor pauses after failed logins. */
  rateLimit?: number
  /** Without the proxy between workerd and sqld. */
  direct?: boolean
  /** Another build than `dist/index.js`. */
  bundle?: string
  /** The console and the reference; without it there are neither. */
  files?: boolean
  /** Replicas of the database; each isolate asks one of them, in turn. */
  replicas?: number
  /** Bytes of the largest row that sqld keeps; 5 MB by default. */
  maxRow?: number
  prepare?: (db: Client, url: string) => Promise<unknown>
  /** What is done to the directory of the database before its server starts. */
  furnish?: (directory: string) => Promise<unknown>
}

/** Starts a flowgate with an empty database, or with what `prepare` puts into it, for the tests of a file. */
export async function startFlowgate(options: Options = {}): Promise<Flowgate> {
  const flowgate = await launch(options)
  shareLog(flowgate.logs)
  return flowgate
}

/** The same for one test: it stops when the test is over. */
export async function flowgateForTest(options: Options = {}): Promise<Flowgate> {
  const flowgate = await launch(options)
  showIfFailed(flowgate.logs)
  onTestFinished(() => flowgate.stop())
  return flowgate
}

async function launch(options: Options): Promise<Flowgate> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-'))
  await options.furnish?.(directory)
  const replicated =
    options.replicas === undefined
      ? undefined
      : await startReplicated(directory, options.replicas, NO_CHECKPOINT_S)
  const sqld = await (replicated?.primary ??
    (options.maxRow
      ? startRuledSqld(directory, { max_row_size: options.maxRow })
      : startSqld(directory, { checkpointSeconds: NO_CHECKPOINT_S })))
  const proxy = await startProxy(sqld.url, options.delayMs)
  const db = createClient({ url: sqld.url })
  await options.prepare?.(db, sqld.url)
  const logs: LogLine[] = []
  const names = Array.from({ length: options.isolates ?? 1 }, (_, i) => `isolate-${i}`)
  const workers = () =>
    names.map((name, i) => {
      const replica = replicated?.replicas[i % replicated.replicas.length]?.proxy.url
      const bindings = { ...options.bindings, ...options.bindingsOf?.(i) }
      return worker(name, options.direct ? sqld.url : proxy.url, { ...options, bindings }, replica)
    })
  let miniflare = startMiniflare(workers(), logs)
  let urls = await listening(miniflare, names)
  return {
    get url() {
      return urls[0] ?? ''
    },
    sqld,
    proxy,
    replicated() {
      if (!replicated) throw new Error('This flowgate has no replicas')
      return replicated
    },
    db,
    logs,
    async fetch(path, init, isolate = 0) {
      return fetch(`${urls[isolate]}${path}`, { redirect: 'manual', ...init })
    },
    async fetchByName(path, init) {
      const front = (await miniflare.getWorker(names[0])) as unknown as Isolate
      const url = `http://flowgate.test${path}`
      const response = await front.fetch(url, { redirect: 'manual', ...init })
      return recorded(url, init?.method, response)
    },
    async restart() {
      urls.forEach(forget)
      await miniflare.dispose()
      miniflare = startMiniflare(workers(), logs)
      urls = await listening(miniflare, names)
    },
    async stop() {
      urls.forEach(forget)
      endLog(logs)
      await miniflare.dispose()
      await proxy.stop()
      db.close()
      await (replicated?.stop() ?? sqld.stop('SIGKILL'))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The same flowgate, asked behind a front. */
export const byName = (gate: Flowgate): Flowgate => ({ ...gate, fetch: gate.fetchByName })

/** What a test needs of miniflare's typed-for-Workers fetcher. */
type Isolate = { fetch(url: string, init?: RequestInit): Promise<Response> }

/** Where each isolate listens itself: miniflare's own Worker in front costs as much again as an answer. */
async function listening(miniflare: Miniflare, names: string[]): Promise<string[]> {
  await miniflare.ready
  const urls = await Promise.all(names.map((name) => miniflare.unsafeGetDirectURL(name)))
  const origins = urls.map(({ origin }) => origin)
  origins.forEach(recordAt)
  return origins
}

function startMiniflare(workers: WorkerOptions[], logs: LogLine[]): Miniflare {
  return new Miniflare({
    workers,
    cf: false,
    handleRuntimeStdio(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream) {
      collect(stdout, 'stdout', logs)
      collect(stderr, 'stderr', logs)
    },
  } as ConstructorParameters<typeof Miniflare>[0])
}

/** As wrangler.toml has them. */
export const builtFiles = {
  directory: 'dist/files',
  binding: 'ASSETS',
  routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
  assetConfig: { html_handling: 'none', not_found_handling: 'none' },
} as const

function worker(
  name: string,
  databaseUrl: string,
  { bindings = {}, bundle = 'dist/index.js', rateLimit, files = false }: Options,
  replica: string | undefined,
): WorkerOptions {
  const limiter = { simple: { limit: rateLimit ?? 1, period: 60 as const } }
  return {
    name,
    modules: true,
    scriptPath: bundle,
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    ...(files ? { assets: builtFiles } : {}),
    ratelimits: {
      LOGIN_LIMITER: limiter,
      SIGNUP_LIMITER: limiter,
      KEY_LIMITER: limiter,
      OPEN_LIMITER: limiter,
    },
    bindings: {
      LIBSQL_URL: databaseUrl,
      ...(replica ? { LIBSQL_REPLICA_URL: replica } : {}),
      SECRET_KEY,
      SUPERUSER,
      SUPERUSER_PASSWORD,
      RATE_LIMIT: rateLimit === undefined ? 'off' : 'on',
      ...bindings,
    },
  }
}

function collect(stream: NodeJS.ReadableStream, name: LogLine['stream'], logs: LogLine[]): void {
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('{')) logs.push({ ...JSON.parse(line), stream: name })
      else if (line.trim() !== '') logs.push({ event: 'text', text: line, stream: name })
    }
  })
}
