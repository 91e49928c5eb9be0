// How long, how often, and what the peer would need.
import { openDatabase } from '../../src/db/client.ts'
import { sql } from '../../src/db/sql.ts'
import { callerIdOf } from '../support/callers.ts'
import type { Throughput } from './report.ts'

export async function timed(url: URL, init: RequestInit) {
  const started = performance.now()
  const response = await fetch(url, init)
  const bytes = (await response.arrayBuffer()).byteLength
  return { ms: performance.now() - started, bytes, status: response.status }
}

export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * share)] ?? 0
}

type Kinds = Record<'flowgate' | 'plain' | 'lean', () => Promise<unknown>>

/** Requests per second of so many connections, each kind of request for two seconds in turn, eight times. */
export async function throughput(connections: number, kinds: Kinds): Promise<Throughput> {
  const [turns, seconds] = [8, 2]
  const done = { connections, flowgate: 0, plain: 0, lean: 0 }
  for (let turn = 0; turn < turns; turn++) {
    for (const kind of ['flowgate', 'plain', 'lean'] as const) {
      const until = performance.now() + seconds * 1000
      const connection = async () => {
        while (performance.now() < until) {
          await kinds[kind]()
          done[kind] += 1 / (turns * seconds)
        }
      }
      await Promise.all(Array.from({ length: connections }, connection))
    }
  }
  return done
}

/** One list and four look-ups per flow, one after another. */
export async function measurePeer({ url, flows }: { url: string; flows: number }) {
  const db = openDatabase({ url })
  const user = callerIdOf('20 projects')
  const [all = []] = await db.read(sql`SELECT id, folder_id FROM flow ORDER BY id LIMIT 200`)
  const started = performance.now()
  for (const { id, folder_id } of all) {
    await db.read(sql`SELECT * FROM user WHERE id = ${user}`)
    await db.read(
      sql`SELECT a.* FROM userroleassignment a JOIN role r ON r.id = a.role_id WHERE a.user_id = ${user} AND a.scope_type = 'Global' AND r.name = 'Admin'`,
    )
    await db.read(
      sql`SELECT * FROM userroleassignment WHERE user_id = ${user} AND scope_type = 'Flow' AND scope_id = ${id ?? null}`,
    )
    await db.read(
      sql`SELECT * FROM userroleassignment WHERE user_id = ${user} AND scope_type = 'Project' AND scope_id = ${folder_id ?? null}`,
    )
  }
  const msPerFlow = (performance.now() - started) / all.length
  return {
    measured_flows: all.length,
    ms_per_flow: msPerFlow,
    extrapolated_s: (msPerFlow * flows) / 1000,
  }
}
