// A pass-through between one isolate and sqld that notes every request and changes nothing.
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Tapped = {
  /** `performance.now()` when it came. */
  readonly at: number
  readonly ms: number
  /** The engine wrote, or tried to. */
  readonly isWork: boolean
  /** Whose lease it held. */
  readonly runId: string | undefined
  /** 0 where no answer came or nobody waited for it. */
  readonly status: number
  /** Error codes in the answer, once each. */
  readonly codes: string[]
}

export type Tap = { readonly url: string; readonly requests: Tapped[]; stop(): Promise<void> }

/** Every transaction of the engine renews a lease or proves something through the guard. */
const work = /INSERT INTO flowgate_(lease|guard)|UPDATE flowgate_lease/
const uuid = /"value":"([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})"/
/** Of a page of flows nothing is of interest. */
const KEPT = 100_000

export async function startTap(target: string): Promise<Tap> {
  const requests: Tapped[] = []
  const server = createServer(async (incoming, outgoing) => {
    const at = performance.now()
    const body = (await readAll(incoming)).toString()
    const note = (status: number, answer: string) =>
      requests.push({
        at,
        ms: performance.now() - at,
        isWork: work.test(body),
        runId: work.test(body) ? uuid.exec(body)?.[1] : undefined,
        status,
        codes: [
          ...new Set([...answer.matchAll(/"code":"(\w+)"/g)].map(([, code]) => String(code))),
        ],
      })
    const url = new URL(incoming.url ?? '/', target)
    const headers = { ...incoming.headers, host: url.host }
    // A connection of its own: one kept alive may be closed by sqld just as it is used again.
    const upstream = send(url, { method: incoming.method, headers, agent: false }, (response) => {
      let answer = ''
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.on('data', (chunk: Buffer) => {
        if (answer.length < KEPT) answer += chunk.toString('latin1')
        outgoing.write(chunk)
      })
      response.on('end', () => {
        outgoing.end()
        note(response.statusCode ?? 0, answer)
      })
    })
    upstream.on('error', () => {
      note(0, '')
      outgoing.destroy()
    })
    outgoing.on('close', () => {
      if (!outgoing.writableEnded) upstream.destroy()
    })
    upstream.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
