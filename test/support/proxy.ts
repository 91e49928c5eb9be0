// A proxy between workerd and sqld: counts requests, delays them, or breaks them before or after sqld
// has done its work.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What happens to one request: `lost` never reaches sqld, `unanswered` does its work but the connection ends
 * without a word; `silent` does its work and keeps the connection.
 */
export type Fate = 'forward' | 'lost' | 'unanswered' | 'silent' | 'twice' | Lie

/** An answer that is not sqld's, which never sees the request. `endless` keeps its body open, `cut` breaks it off. */
export type Lie = {
  readonly status?: number
  readonly type?: string
  readonly body?: string
  readonly end?: 'endless' | 'cut'
}

export type DatabaseProxy = {
  readonly url: string
  /** Requests seen since the last `reset`. */
  readonly count: number
  /** Their bodies, as sent. */
  readonly bodies: string[]
  /** Their headers. */
  readonly headers: IncomingHttpHeaders[]
  /** sqld's answers. */
  readonly answers: string[]
  /** Requests that are waiting for an answer. */
  readonly open: number
  /** What went wrong between here and sqld. */
  readonly failures: unknown[]
  reset(): void
  /** Decides the fate of request number k (from 1, since the last `reset`). */
  decide(fate: (k: number, body: string) => Fate | Promise<Fate>): void
  /** Where requests go from now on. */
  target: string
  stop(): Promise<void>
}

/** Starts a proxy to `target` on a free loopback port; `delayMs` is added to each round trip. */
export async function startProxy(target: string, delayMs = 0): Promise<DatabaseProxy> {
  let decide: (k: number, body: string) => Fate | Promise<Fate> = () => 'forward'
  let open = 0
  const server = createServer(async (incoming, outgoing) => {
    open++
    outgoing.once('close', () => open--)
    const body = await readAll(incoming)
    proxy.bodies.push(body)
    proxy.headers.push(incoming.headers)
    const fate = await decide(proxy.bodies.length, body)
    await sleep(delayMs / 2)
    if (fate === 'lost') {
      incoming.socket.destroy()
      return
    }
    if (typeof fate === 'object') {
      lie(outgoing, fate)
      return
    }
    try {
      if (fate === 'twice') await forward(proxy.target, incoming, body)
      const answer = await forward(proxy.target, incoming, body)
      proxy.answers.push(answer.body)
      await sleep(delayMs / 2)
      if (fate === 'unanswered') {
        incoming.socket.destroy()
        return
      }
      if (fate === 'silent') return
      outgoing.writeHead(answer.status, { 'content-type': answer.type })
      outgoing.end(answer.body)
    } catch (error) {
      proxy.failures.push(error)
      incoming.socket.destroy()
    }
  })
  // Like sqld, which ends no idle connection: one that is ended just as workerd uses it again is a lost request.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    bodies: [] as string[],
    headers: [] as IncomingHttpHeaders[],
    answers: [] as string[],
    failures: [] as unknown[],
    get open() {
      return open
    },
    get count() {
      return proxy.bodies.length
    },
    reset() {
      proxy.bodies.length = 0
      proxy.headers.length = 0
      proxy.answers.length = 0
    },
    decide(fate: typeof decide) {
      decide = fate
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

function lie(outgoing: ServerResponse, { status, type, body = '', end }: Lie): void {
  outgoing.writeHead(status ?? 200, { 'content-type': type ?? 'application/json' })
  if (end) outgoing.write(body)
  else outgoing.end(body)
  if (end === 'cut') setImmediate(() => outgoing.destroy())
}

function forward(target: string, incoming: IncomingMessage, body: string) {
  return new Promise<{ status: number; type: string; body: string }>((resolve, reject) => {
    const url = new URL(incoming.url ?? '/', target)
    const headers = { ...incoming.headers, host: url.host }
    // A connection of its own: one kept alive may be closed by sqld just as it is used again.
    const outgoing = send(
      url,
      { method: incoming.method, headers, agent: false },
      async (response) => {
        resolve({
          status: response.statusCode ?? 502,
          type: response.headers['content-type'] ?? 'application/json',
          body: await readAll(response),
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function readAll(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const sleep = (ms: number) =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined
