// The Workers of `npm run demo:replicas`, in a process of their own that ends them: its argument is what to start, its one
// line of output where they listen.
import { Miniflare } from 'miniflare'
import type { WorkerPlan } from './servers.ts'

async function main() {
  const plans = JSON.parse(process.argv[2] ?? '[]') as WorkerPlan[] // of replicated.ts
  const workers = plans.map(
    ({ port, bindings }) =>
      new Miniflare({
        modules: true,
        scriptPath: 'dist/demo/index.js',
        compatibilityDate: '2026-04-01',
        compatibilityFlags: ['nodejs_compat'],
        host: '127.0.0.1',
        port,
        // Past miniflare's own Worker in front, which costs as much again as an answer.
        unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        bindings,
        cf: false,
        // What goes wrong shows in the table; lines of the log would run through it.
        handleRuntimeStdio(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream) {
          stdout.resume()
          stderr.resume()
        },
      } as ConstructorParameters<typeof Miniflare>[0]),
  )
  const end = async () => {
    await Promise.all(workers.map((worker) => worker.dispose()))
    process.exit()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  await Promise.all(workers.map((worker) => worker.ready))
  const urls = await Promise.all(workers.map((worker) => worker.unsafeGetDirectURL()))
  console.log(JSON.stringify(urls.map(({ origin }) => origin)))
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
