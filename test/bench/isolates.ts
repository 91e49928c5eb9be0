// Isolates as a deployment has them: each a workerd process of its own, cold until somebody asks.
import { Miniflare } from 'miniflare'
import { builtFiles } from '../support/flowgate.ts'
import { startTap, type Tap } from './tap.ts'

export const SECRET_KEY = 'a secret that only the benchmark of flowgate knows'

export type Isolate = {
  readonly url: string
  readonly tap: Tap
  /** JSON lines that it logged. */
  readonly logs: Record<string, unknown>[]
  stop(): Promise<void>
}

/** The built bundle, with the console beside it, in a workerd that talks to the database through a tap. */
export async function startIsolate(
  databaseUrl: string,
  bindings: Record<string, string> = {},
): Promise<Isolate> {
  const tap = await startTap(databaseUrl)
  const logs: Record<string, unknown>[] = []
  const miniflare = new Miniflare({
    modules: true,
    scriptPath: 'dist/index.js',
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    assets: builtFiles,
    bindings: { LIBSQL_URL: tap.url, SECRET_KEY, RATE_LIMIT: 'off', ...bindings },
    cf: false,
    handleRuntimeStdio(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream) {
      collect(stdout, logs)
      collect(stderr, logs)
    },
  } as ConstructorParameters<typeof Miniflare>[0])
  await miniflare.ready
  return {
    url: (await miniflare.unsafeGetDirectURL()).origin,
    tap,
    logs,
    async stop() {
      await miniflare.dispose()
      await tap.stop()
    },
  }
}

function collect(stream: NodeJS.ReadableStream, logs: Record<string, unknown>[]): void {
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines)
      logs.push(line.startsWith('{') ? JSON.parse(line) : { event: 'text', text: line })
  })
}
