// What the listings are measured in: a world of so many flows, and Workers.
import type { createClient } from '@libsql/client'
import { Miniflare } from 'miniflare'
import { revisions } from '../../migrations/bundle.ts'
import { seed } from '../../src/cli/seed.ts'
import { openDatabase } from '../../src/db/client.ts'
import { ensureReady } from '../../src/migrate/ready.ts'
import { addCallers, type CallerName } from '../support/callers.ts'
import { isChild, processesWith } from './cpu.ts'

export const SECRET_KEY = 'a secret that only the benchmark of flowgate knows'
export const SEED = 1

/** Seeded once, and at head; the callers are made anew each time. */
export async function ensureWorld(
  db: ReturnType<typeof createClient>,
  url: string,
  flows: number,
  projects: number,
): Promise<CallerName[]> {
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
        dataBytes: 200,
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

export type Worker = {
  readonly url: string
  /** Of its workerd; none where that is not known. */
  readonly pids: number[]
  stop(): Promise<void>
}

export async function startWorker(scriptPath: string, databaseUrl: string): Promise<Worker> {
  const others = processesWith('workerd')
  const miniflare = new Miniflare({
    modules: true,
    scriptPath,
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    bindings: { LIBSQL_URL: databaseUrl, SECRET_KEY },
    cf: false,
  } as ConstructorParameters<typeof Miniflare>[0])
  const url = String(await miniflare.ready)
  const pids = processesWith('workerd').filter((pid) => !others.includes(pid) && isChild(pid))
  return { url, pids, stop: () => miniflare.dispose() }
}
