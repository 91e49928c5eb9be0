// Debian's Postgres, in a temporary folder and on a Unix socket alone. It refuses to run as root: then it runs as `postgres`,
// or as `nobody`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export type Postgres = {
  readonly version: string
  readonly socket: string
  readonly user: string
  /** Runs statements with psql. Throws what it says. */
  run(sql: string): void
  /** Lines of COPY's text format. */
  copy(table: string, lines: Readable): Promise<void>
  stop(): Promise<void>
}

const DEBIAN = '/usr/lib/postgresql'
const USER = 'bench'
const PORT = 5432
/** Room for everything that is read; no safety of what is loaded once. */
const SETTINGS = [
  'listen_addresses=',
  'shared_buffers=2GB',
  'work_mem=64MB',
  'maintenance_work_mem=512MB',
  'jit=off',
  'fsync=off',
  'full_page_writes=off',
  'max_wal_size=8GB',
  'autovacuum=off',
]

/** The folder of the newest server there is; undefined where there is none. */
export function findPostgres(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined
  return readdirSync(DEBIAN)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((bin) => ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(bin, name))))
}

/** Throws if it does not start. */
export async function startPostgres(bin: string): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-peer-'))
  const as = process.getuid?.() === 0 ? unprivileged() : undefined
  if (as) chownSync(directory, as.uid, as.gid)
  const data = join(directory, 'data')
  const cluster = ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const quiet = { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] as const, ...as }
  execFileSync(join(bin, 'initdb'), cluster, { ...quiet, stdio: [...quiet.stdio] })
  const settings = SETTINGS.flatMap((setting) => ['-c', setting])
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-k', directory, '-p', `${PORT}`, ...settings],
    { cwd: directory, stdio: 'ignore', ...as },
  )
  const psql = (...more: string[]) =>
    [
      '-X',
      '-q',
      '-h',
      directory,
      '-p',
      `${PORT}`,
      '-U',
      USER,
      '-v',
      'ON_ERROR_STOP=1',
      ...more,
    ].concat('postgres')
  const run = (sql: string) => {
    execFileSync(join(bin, 'psql'), psql('-f', '-'), {
      input: sql,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    child.kill('SIGINT')
    await gone
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await untilReady(child, () => run('SELECT 1'))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    version: execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).trim(),
    socket: join(directory, `.s.PGSQL.${PORT}`),
    user: USER,
    run,
    async copy(table, lines) {
      const loader = spawn(join(bin, 'psql'), psql('-c', `COPY ${table} FROM STDIN`), {
        stdio: ['pipe', 'ignore', 'inherit'],
      })
      const ended = new Promise<number | null>((resolve) => loader.once('exit', resolve))
      await pipeline(lines, loader.stdin)
      if ((await ended) !== 0) throw new Error(`Postgres did not take the rows of ${table}`)
    },
    stop,
  }
}

function unprivileged(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid = 0, gid = 0] = ['-u', '-g'].map((what) =>
        Number(execFileSync('id', [what, name], { encoding: 'utf8', stdio: 'pipe' })),
      )
      return { uid, gid }
    } catch {} // there is no such user
  }
  throw new Error(
    'Postgres refuses to run as root, and there is neither a user postgres nor nobody',
  )
}

/** It says nothing when it is: it is asked until it answers. */
async function untilReady(child: ChildProcess, ask: () => void): Promise<void> {
  for (const until = performance.now() + 30_000; ; ) {
    try {
      return ask()
    } catch (error) {
      if (child.exitCode !== null || performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
