// The screen of `npm run demo:replicas`: what to try, said once, and a table that is renewed every second.
import type { Headers } from './client.ts'
import { forgetOld, toTable, WINDOW_MS } from './figures.ts'
import type { Replicated } from './servers.ts'
import type { Traffic } from './traffic.ts'

const EVERY_MS = 1000

/** Shows until told to stop: in place on a terminal, elsewhere one table below the other. */
export async function show(replicated: Replicated, traffic: Traffic, told: Promise<void>) {
  console.log(whatToAsk(replicated, traffic.headers))
  const started = performance.now()
  let isOver = false
  told.then(() => {
    isOver = true
  })
  for (let height = 0; !isOver; ) {
    await Promise.race([told, new Promise((resolve) => setTimeout(resolve, EVERY_MS))])
    const now = performance.now()
    for (const seen of traffic.seen) forgetOld(seen, now)
    const table = toTable(replicated.places, traffic.seen, Math.min(WINDOW_MS, now - started))
    const text = `${table}\n\n${whatToStop(replicated)}\n`
    const back = process.stdout.isTTY && height > 0 ? `\x1b[${height}A\x1b[J` : ''
    process.stdout.write(`${back}${text}${process.stdout.isTTY ? '' : '\n'}`)
    height = heightOf(text)
  }
}

/** Lines on the terminal: those that are too long for it take several. */
function heightOf(text: string): number {
  const { columns = 80 } = process.stdout
  const lines = text.split('\n').slice(0, -1)
  return lines.reduce((sum, { length }) => sum + Math.max(1, Math.ceil(length / columns)), 0)
}

function whatToAsk({ places }: Replicated, { authorization = '' }: Headers): string {
  const urls = places.map(({ name, url }) => `${`beside ${name}`.padEnd(18)} ${url}`)
  const near = places.at(-1)?.url ?? ''
  const curl = `curl -si '${near}/api/v1/flows/?paged=all&size=1&header_flows=true' -H 'authorization: ${authorization}'`
  return `\nWorkers\n${urls.join('\n')}\n
Ask one, and see where the answer is from in its header Flowgate-Consistency (the token lives for an hour):\n
${curl}\n`
}

function whatToStop(replicated: Replicated): string {
  const pids = replicated.pids()
  const toPid = (pid: number | undefined) => (pid === undefined ? 'none' : String(pid))
  const lines = replicated.places.map(
    ({ name }, i) =>
      `${name.padEnd(10)} sqld ${toPid(pids[i]?.sqld)}, workerd ${toPid(pids[i]?.worker)}`,
  )
  return `Try kill -STOP and kill -CONT, or kill -9 (a server is started again after two seconds; a Worker is not):
${lines.join('\n')}
Ctrl-C stops everything.`
}
