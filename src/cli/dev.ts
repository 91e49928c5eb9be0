// `npm start`: sqld and the Worker on loopback, secrets and a demo world made once, and everything
// stopped again with Ctrl-C.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { describeDemo, seedDemo } from './demo.ts'
import { leash, type Sqld, startSqld } from './sqld.ts'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))
/**
 * The log stays as large as the writes of so long (4 a second of 20 KB: 11 MB). One writer was refused nothing at
 * it, 20 at 76 writes a second 0.1 %, 20 writing 300 KB without pause 2 %; none hung.
 */
const CHECKPOINT_S = 60
const help = `npm start

Starts a libSQL server and the Worker on loopback. Data is kept under .data/, secrets in .dev.vars.

  PORT        port of the Worker (8787)
  LIBSQL_URL  use this libSQL server (with LIBSQL_AUTH_TOKEN) instead of starting one; no demo is seeded
  RATE_LIMIT  on: limit login and sign-up as in production (off)
`

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(help)
  const port = await requireFreePort(process.env.PORT ?? '8787')
  const vars = ensureDevVars()
  const databaseUrl = process.env.LIBSQL_URL ?? process.env.SQLD_URL ?? vars.LIBSQL_URL
  const sqld = databaseUrl
    ? undefined
    : await startSqld(join(root, '.data'), { leashed: true, checkpointSeconds: CHECKPOINT_S })
  const worker = startWorker(port, databaseUrl ?? (sqld as Sqld).url)
  const output = showOutput(worker)
  stopTogether(worker, sqld)

  const url = `http://127.0.0.1:${port}`
  await untilAlive(url, worker)
  const superuser = { username: String(vars.SUPERUSER), password: String(vars.SUPERUSER_PASSWORD) }
  console.log(
    `\nflowgate   ${url}\nconsole    ${url}/console/\nlogin      ${superuser.username} / ${superuser.password}   (.dev.vars)\n`,
  )
  if (sqld) {
    await seedDemo(url, superuser, join(root, '.data', 'demo-seeded'))
    console.log(await describeDemo(url, superuser))
  }
  output.everything = true
  console.log('Ctrl-C stops everything.')
}

/** The Worker's log lines from the start; what wrangler says of bindings and requests only once we are done talking. */
function showOutput(worker: ChildProcess): { everything: boolean } {
  const output = { everything: false }
  const lines = createInterface({ input: worker.stdout as NodeJS.ReadableStream })
  lines.on('line', (line) => {
    if (output.everything || line.startsWith('{')) console.log(line)
  })
  return output
}

/** Secrets for this checkout, made once and kept. */
function ensureDevVars(): Record<string, string | undefined> {
  const file = join(root, '.dev.vars')
  if (!existsSync(file)) {
    const secret = (bytes: number) => randomBytes(bytes).toString('base64url')
    const lines = [
      `SECRET_KEY=${secret(48)}`,
      'SUPERUSER=admin',
      `SUPERUSER_PASSWORD=${secret(12)}`,
    ]
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  }
  const vars = parseEnv(readFileSync(file, 'utf8')) as Record<string, string | undefined>
  const missing = ['SECRET_KEY', 'SUPERUSER', 'SUPERUSER_PASSWORD'].filter((name) => !vars[name])
  if (missing.length > 0) {
    throw new Error(
      `.dev.vars lacks ${missing.join(', ')}. Add them, or delete the file to have it made anew.`,
    )
  }
  return vars
}

function startWorker(port: number, databaseUrl: string): ChildProcess {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const token = process.env.LIBSQL_AUTH_TOKEN
  const args = [
    'dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--inspector-port',
    '0',
    '--log-level',
    'log',
    '--show-interactive-dev-session=false',
    '--var',
    `LIBSQL_URL:${databaseUrl}`,
    '--var',
    `RATE_LIMIT:${process.env.RATE_LIMIT ?? 'off'}`,
    ...(token ? ['--var', `LIBSQL_AUTH_TOKEN:${token}`] : []),
  ]
  return spawn(process.execPath, [leash, process.execPath, '--no-warnings', wrangler, ...args], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C goes to the foreground group; outside of it, the Worker ends before its database.
    detached: true,
    env: {
      ...process.env,
      // Neither a look-up of the caller's location nor one for a newer wrangler: no network is needed.
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
    },
  })
}

function stopTogether(worker: ChildProcess, sqld: Sqld | undefined): void {
  let stopping = false
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const stop = async (code: number) => {
    if (stopping) return
    stopping = true
    worker.kill('SIGTERM')
    await ended
    await sqld?.stop()
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0))
  ended.then(() => {
    if (!stopping) console.error('The Worker ended; see its message above.')
    return stop(1)
  })
}

async function untilAlive(url: string, worker: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600 && worker.exitCode === null; attempt++) {
    const alive = await fetch(`${url}/health`).then(
      (r) => r.ok,
      () => false,
    )
    if (alive) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('The Worker did not answer within a minute.')
}

function requireFreePort(text: string): Promise<number> {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`PORT must be a number from 1 to 65535, not "${text}".`)
  }
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', () =>
      reject(
        new Error(
          `Port ${port} is taken. Stop what listens there, or choose another: PORT=8788 npm start`,
        ),
      ),
    )
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)))
  })
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
