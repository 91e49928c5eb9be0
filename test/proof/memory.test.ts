// get_all in bounded memory: more than workerd may hold, read by a client that lets it wait.
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { flowgateForTest } from '../support/flowgate.ts'
import { startTightWorker } from '../support/tight-worker.ts'
import { signIn } from '../support/world.ts'

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
  const { url, memory, stop } = await startTightWorker(gate.sqld.url, HEAP_MB)
  onTestFinished(stop)
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
