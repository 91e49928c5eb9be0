// What strict mode could gain: decided at the primary, which answers with headers, and the graphs fetched from the replica,
// against the whole page at the primary. The second half is a Worker of the benchmark, asked by whoever asked for the first.
import { cpuOf } from './cpu.ts'
import { ask, at, DISTANCES_MS, type Far, FIRST_PAGE, setGraphs } from './far.ts'
import type { Apart } from './replicas-report.ts'
import { bundle, HEADERS_PAGE } from './setting.ts'

/** Bytes of each graph, and how many: a page ends where its graphs come to 3 MB. */
const PAGES = [
  [200, 50],
  [10_000, 50],
  [100_000, 25],
] as const
const MBITS = 100
const FREE = { roundTripMs: 0, mbits: undefined }

/** Both ways by turns, with a far line that carries anything at once, and with one of 100 Mbit/s. */
export async function measureApart(
  far: Far,
  ids: string[],
  headers: Record<string, string>,
  rounds: number,
): Promise<Apart[]> {
  const { whole, apart } = await openWays(far, headers)
  const measured: Apart[] = []
  for (const [bytes, count] of PAGES) {
    Object.assign(far.line, FREE)
    await setGraphs(far, ids, bytes)
    for (const mbits of [undefined, MBITS]) {
      for (const roundTripMs of DISTANCES_MS) {
        Object.assign(far.line, { roundTripMs, mbits })
        const one: Apart = { bytes, count, mbits, roundTripMs, whole: [], apart: [], cpuMs: [0, 0] }
        for (let round = -1; round < rounds; round++) {
          for (const [i, way] of [whole, apart].entries()) {
            const [cpu, started] = [cpuOf(far.primary.pids), performance.now()]
            const graphs = await way(count)
            if (graphs < count * bytes) throw new Error(`${graphs} bytes of graphs`)
            if (round < 0) continue // the first opens connections
            one[i === 0 ? 'whole' : 'apart'].push(performance.now() - started)
            one.cpuMs[i as 0 | 1] += (cpuOf(far.primary.pids) - cpu) / rounds
          }
        }
        measured.push(one)
        process.stderr.write(`\r${bytes} bytes, ${mbits ?? 'any'} Mbit/s, ${roundTripMs} ms   `)
      }
    }
  }
  Object.assign(far.line, FREE)
  return measured
}

/** How to get the page with its graphs: length of what held them. */
async function openWays(far: Far, headers: Record<string, string>) {
  bundle('graphs')
  const strict = await far.start(at(far.farPrimary))
  const graphs = await far.start(at(far.nearReplica), { script: 'dist/graphs/graphs.js' })
  return {
    whole: async (count: number) =>
      (await ask(strict, ofSize(FIRST_PAGE, count), headers)).text.length,
    async apart(count: number) {
      const { text } = await ask(strict, ofSize(HEADERS_PAGE, count), headers)
      const { items } = JSON.parse(text) as { items: { id: string }[] } // as idsOfPage has seen
      const ids = JSON.stringify(items.map(({ id }) => id.replaceAll('-', '')))
      const response = await fetch(graphs.url, { method: 'POST', body: ids })
      return (await response.text()).length
    },
  }
}

const ofSize = (path: string, count: number) => path.replace('size=50', `size=${count}`)
