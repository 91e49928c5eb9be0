// `npm run bench -- --peers`: the same pages of the same rows from Postgres, by a function made for them and by row-level
// security. What differs from flowgate's answer, in an id or the total, ends it.
import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@libsql/client'
import { startSqld } from '../../../src/cli/sqld.ts'
import build from '../../support/build.ts'
import { type CallerName, callerIdOf } from '../../support/callers.ts'
import {
  ensureWorld,
  HEADERS_PAGE,
  type Headers,
  keptWorld,
  type RunOptions,
  signIn,
  startWorker,
} from '../setting.ts'
import { percentile } from '../timing.ts'
import { load } from './load.ts'
import { findPostgres, type Postgres, startPostgres } from './postgres.ts'
import { type PeersReport, toMarkdown } from './report.ts'

const ways = ['flowgate', 'function', 'row-level'] as const
type Way = (typeof ways)[number]
type Ask = (caller: CallerName) => Promise<{ ms: number; text: string }>

export async function benchPeers(options: RunOptions): Promise<void> {
  const bin = findPostgres()
  if (!bin) return console.log('Skipped: there is no Postgres of Debian in /usr/lib/postgresql.')
  build()
  const { flows, data } = options
  const sqld = await startSqld(data ?? keptWorld(flows), { checkpointSeconds: 0 })
  const db = createClient({ url: sqld.url })
  try {
    const headers = await signIn(db, await ensureWorld(db, sqld.url, flows))
    const worker = await startWorker('dist/index.js', sqld.url)
    const postgres = await startPostgres(bin)
    try {
      await load(db, postgres)
      const peer = await startServer(postgres)
      try {
        publish(
          await measure(options, postgres.version, headers, toAsk(worker.url, peer.url, headers)),
          options,
        )
      } finally {
        peer.stop()
      }
    } finally {
      await worker.stop()
      await postgres.stop()
    }
  } finally {
    db.close()
    await sqld.stop()
  }
}

async function startServer({ socket, user }: Postgres): Promise<{ url: string; stop(): void }> {
  const script = fileURLToPath(new URL('server.ts', import.meta.url))
  const child = fork(script, [socket, user], { execArgv: ['--import', 'tsx'] })
  const port = await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`the peer's server ended with ${code}`)))
  })
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() }
}

function toAsk(gate: string, peer: string, headers: Headers): Record<Way, Ask> {
  const ask = async (url: URL, init: RequestInit = {}) => {
    const started = performance.now()
    const response = await fetch(url, init)
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${url.pathname}: ${response.status} ${text}`)
    return { ms: performance.now() - started, text }
  }
  const atPeer = (way: Way) => (caller: CallerName) =>
    ask(new URL(`/${way}/${callerIdOf(caller)}`, peer))
  return {
    flowgate: (caller) => ask(new URL(HEADERS_PAGE, gate), { headers: headers.get(caller) ?? {} }),
    function: atPeer('function'),
    'row-level': atPeer('row-level'),
  }
}

async function measure(
  { flows, rounds }: RunOptions,
  version: string,
  headers: Headers,
  asked: Record<Way, Ask>,
): Promise<PeersReport> {
  const compared = []
  for (const caller of headers.keys()) {
    process.stderr.write(`\r${caller}                    `)
    const pages = []
    for (const way of ways) pages.push(toPage((await asked[way](caller)).text))
    const [ours = { ids: [], total: 0 }, ...theirs] = pages
    if (theirs.some((page) => JSON.stringify(page) !== JSON.stringify(ours)))
      throw new Error(
        `${caller}: not the same page: ${pages.map(({ ids, total }) => `${total} ${ids[0]} ... ${ids.at(-1)}`).join('; ')}`,
      )
    const times: Record<Way, number[]> = { flowgate: [], function: [], 'row-level': [] }
    for (let round = 0; round < rounds; round++)
      for (const way of ways) times[way].push((await asked[way](caller)).ms)
    const median = (way: Way) => percentile(times[way], 0.5)
    compared.push({
      caller,
      total: ours.total,
      flowgate: median('flowgate'),
      function: median('function'),
      rowLevel: median('row-level'),
    })
  }
  return {
    flows,
    version,
    command: `npm run bench -- --peers --flows ${flows}`,
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? ''}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    rounds,
    compared,
  }
}

type Page = { ids: string[]; total: number }

function toPage(text: string): Page {
  const { items, total } = JSON.parse(text) as { items: { id: string }[]; total: number } // all three say so
  return { ids: items.map(({ id }) => id), total }
}

function publish(report: PeersReport, { out }: RunOptions) {
  const table = toMarkdown(report)
  if (out) {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'peers.md'), table)
  }
  console.log(`\n${table}`)
}
