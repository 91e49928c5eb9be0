// get_all in bounded memory: more than workerd may hold, read by a client that lets it wait.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../src/cli/sqld.ts'
import { flowgateForTest, SECRET_KEY } from '../support/flowgate.ts'
import { signIn } from '../support/world.ts'

/** The workerd that miniflare runs. */
const workerd: string = createRequire(import.meta.url)('workerd').default

const FLOWS = 80
const BYTES = 3_000_000
const HEAP_MB = 48
/** workerd itself is 55 MB; the heap, and a few slices on their way. */
const MOST_MB = 200

test(`${FLOWS} graphs of ${BYTES} bytes pass through a heap of ${HEAP_MB} MB`, async () => {
  const gate = await flowgateForTest()
  const { token } = await signIn(gate)
  await gate.db.execute(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${FLOWS})
      INSERT INTO flow (id, name, data, access_type)
      SELECT printf('%032x', i), 'flow ' || i, json_object('nodes', hex(zeroblob(${BYTES / 2}))), 'PRIVATE' FROM n`,
  )
  const { url, memory } = await startTightWorker(gate.sqld.url)
  const response = await fetch(`${url}/api/v1/flows/?get_all=true`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(response.status).toBe(200)
  const body = (response.body as ReadableStream<Uint8Array>).getReader()
  const read = await body.read()
  let [bytes, most, end] = [read.value?.length ?? 0, memory(), '']
  // Whoever reads ahead has the time to read it all.
  for (let look = 0; look < 60; look++) {
    await pause(100)
    most = Math.max(most, memory())
  }
  for (let part = await body.read(); part.value; part = await body.read()) {
    if (Math.floor(bytes / BYTES) < Math.floor((bytes + part.value.length) / BYTES))
      most = Math.max(most, memory())
    bytes += part.value.length
    end = new TextDecoder().decode(part.value.subarray(-1))
  }
  expect(end).toBe(']')
  expect(bytes).toBeGreaterThan(FLOWS * BYTES)
  expect(most).toBeLessThan(MOST_MB)
}, 120_000)

/** The bundle in a workerd of its own, for Miniflare takes no limit on V8's heap. `memory` is in MB. */
async function startTightWorker(databaseUrl: string) {
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-'))
  const port = await freePort()
  const text = (name: string, value: string) =>
    `(name = "${name}", text = ${JSON.stringify(value)})`
  copyFileSync('dist/index.js', join(directory, 'index.js'))
  writeFileSync(
    join(directory, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ["--max-heap-size=${HEAP_MB}"],
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
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
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
  return { url, memory }
}
