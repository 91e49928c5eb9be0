// How far away the database is, as this page sees it: the time of a request that asks it once, without the time of one
// that does not ask it.
import { done, read, v1 } from '../api.ts'

const TIMES = 5

export type Distance = { database: number; service: number }

const middle = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1] ?? 0

/** Throws a Problem where one of them fails. */
export async function measure(signal: AbortSignal): Promise<Distance> {
  const init = { init: { signal } }
  const asked: Distance[] = []
  for (let n = 0; n < TIMES; n++) {
    const began = performance.now()
    await done(fetch('/health', { signal }))
    const between = performance.now()
    await read(v1.users.whoami.$get({}, init))
    const service = between - began
    asked.push({ service, database: Math.max(0, performance.now() - between - service) })
  }
  return {
    service: middle(asked.map(({ service }) => service)),
    database: middle(asked.map(({ database }) => database)),
  }
}
