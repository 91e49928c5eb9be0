// The bundle in a workerd of its own, for Miniflare takes no limit on V8's heap.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../src/cli/sqld.ts'
import { SECRET_KEY } from './flowgate.ts'

/** The workerd that miniflare runs. */
const workerd: string = createRequire(import.meta.url)('workerd').default

/** `memory` is in MB. */
export async function startTightWorker(databaseUrl: string, heapMb: number) {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-'))
  const port = await freePort()
  const text = (name: string, value: string) =>
    `(name = "${name}", text = ${JSON.stringify(value)})`
  copyFileSync('dist/index.js', join(directory, 'index.js'))
  writeFileSync(
    join(directory, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ["--max-heap-size=${heapMb}"],
  services = [(name = "main", worker = .flowgate), (name = "internet", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const flowgate :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = "2026-04-01",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [${text('LIBSQL_URL', databaseUrl)}, ${text('SECRET_KEY', SECRET_KEY)}, ${text('RATE_LIMIT', 'off')}]
);`,
  )
  const child = spawn(workerd, ['serve', join(directory, 'config.capnp')], { stdio: 'ignore' })
  const stop = () => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  const alive = () =>
    fetch(`${url}/health`).then(
      (r) => r.ok,
      () => false,
    )
  while (!(await alive())) {
    if (child.exitCode !== null) throw new Error('workerd did not start')
    await pause(50)
  }
  const memory = () =>
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1024
  return { url, memory, stop, pid: String(child.pid) }
}
