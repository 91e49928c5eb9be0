// What the listings are measured in: a world of so many flows, and Workers.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { createClient } from '@libsql/client'
import { Miniflare } from 'miniflare'
import { revisions } from '../../migrations/bundle.ts'
import { seed } from '../../src/cli/seed.ts'
import { openDatabase } from '../../src/db/client.ts'
import { signToken } from '../../src/identity/tokens.ts'
import { ensureReady } from '../../src/migrate/ready.ts'
import { addCallers, type CallerName, callerIdOf } from '../support/callers.ts'
import { sessionsOfAll } from '../support/tokens.ts'
import { isChild, processesWith } from './cpu.ts'

export const SECRET_KEY = 'a secret that only the benchmark of flowgate knows'
const SEED = 1

/** A page of headers with its total, as a front end begins. */
export const HEADERS_PAGE = '/api/v1/flows/?paged=all&size=50&header_flows=true'

/** What a run is told: how many flows, how often each request is timed, where worlds are kept, where figures go. */
export type RunOptions = {
  flows: number
  rounds: number
  data?: string | undefined
  out?: string | undefined
}

/** Bytes of each graph, unless a world is about them. */
export const FEW_BYTES = 200

/** Seeded once, and at head; the callers are made anew each time. */
export async function ensureWorld(
  db: ReturnType<typeof createClient>,
  url: string,
  flows: number,
  dataBytes = FEW_BYTES,
): Promise<CallerName[]> {
  const projects = projectsOf(flows)
  const tables = await db.execute(`SELECT 1 FROM sqlite_master WHERE name = 'flow'`)
  const seeded =
    tables.rows.length > 0 && (await db.execute('SELECT 1 FROM flow LIMIT 1')).rows.length > 0
  if (!seeded) {
    await seed(
      {
        url,
        seed: SEED,
        flows,
        projects,
        users: Math.max(20, Math.ceil(flows / 1000)),
        dataBytes,
        grantsPerProject: 10,
      },
      (done, of) => process.stderr.write(`\rseeding ${Math.round((done / of) * 100)} % `),
    )
  } else await ensureReady(openDatabase({ url }), url, revisions)
  // With foreign keys on, each user who goes is looked for in every table that may name one: minutes.
  await db.migrate([
    `DELETE FROM userroleassignment WHERE user_id LIKE 'ca11e4%'`,
    `DELETE FROM flowgate_team_member WHERE team_id LIKE '7ea4%'`,
    `DELETE FROM flowgate_team_grant WHERE team_id LIKE '7ea4%'`,
    `DELETE FROM flowgate_team WHERE id LIKE '7ea4%'`,
    `DELETE FROM flowgate_session WHERE user_id LIKE 'ca11e4%' OR user_id LIKE '0ce4%'`,
    `DELETE FROM user WHERE id LIKE 'ca11e4%' OR id LIKE '0ce4%'`,
  ])
  return addCallers(db, { seed: SEED, projects })
}

const projectsOf = (flows: number) => Math.ceil(flows / 50)

/** Where a world is kept that no option says a place for. One of other revisions cannot be brought to these. */
export function keptWorld(flows: number, dataBytes = FEW_BYTES): string {
  const hashes = revisions.map(({ hash }) => hash).join()
  const made = createHash('sha256').update(hashes).digest('hex').slice(0, 8)
  return join(tmpdir(), `flowgate-bench-${flows}-${dataBytes}-${SEED}-${made}`)
}

/** What each caller says who they are with. */
export type Headers = Map<CallerName, Record<string, string>>

export async function signIn(
  db: ReturnType<typeof createClient>,
  callers: CallerName[],
): Promise<Headers> {
  await db.execute(sessionsOfAll)
  const headers: Headers = new Map()
  for (const caller of callers) {
    const userId = callerIdOf(caller)
    const session = { userId, sessionId: userId, round: 0 }
    const token = await signToken(session, 'access', { SECRET_KEY })
    headers.set(caller, { authorization: `Bearer ${token}` })
  }
  return headers
}

/** Builds a Worker of the benchmark: `dist/<name>/<name>.js`. */
export function bundle(name: string): void {
  const [script, out] = [`test/bench/${name}.ts`, `dist/${name}`]
  const args = ['wrangler', 'deploy', script, '--dry-run', '--outdir', out]
  execFileSync('npx', args, { stdio: 'ignore' })
}

export type Worker = {
  readonly url: string
  /** Of its workerd; none where that is not known. */
  readonly pids: number[]
  stop(): Promise<void>
}

/** `more`: bindings beside the database and the secret. */
export async function startWorker(
  scriptPath: string,
  databaseUrl: string,
  more: Record<string, string> = {},
): Promise<Worker> {
  const others = processesWith('workerd')
  const miniflare = new Miniflare({
    modules: true,
    scriptPath,
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    bindings: { LIBSQL_URL: databaseUrl, SECRET_KEY, ...more },
    cf: false,
  } as ConstructorParameters<typeof Miniflare>[0])
  const url = String(await miniflare.ready)
  const pids = processesWith('workerd').filter((pid) => !others.includes(pid) && isChild(pid))
  return { url, pids, stop: () => miniflare.dispose() }
}
