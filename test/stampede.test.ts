// A rollout at its worst: everybody arrives in the same moment, at isolates that are all cold.
import { expect, test } from 'vitest'
import { stampede } from './bench/stampede.ts'

test('ten cold workerd processes with ten callers each bring a database to head, and nobody is left without an answer', async () => {
  const { faults, answers } = await stampede({
    flows: 20_000,
    isolates: 10,
    requests: 10,
    limitS: 45,
  })
  // Such as: no answer in 15 s, a 503 without a time to come back, any other refusal, a lost row.
  expect(faults).toEqual([])
  // Both a name of nobody and a token from before there were sessions are judged by the database at head;
  // whoever came too early for that was told so. How many did is a matter of how busy the machine is.
  const { '503 migration_running': _, ...others } = answers
  expect(others).toEqual({ '401 invalid_credentials': 100 })
})
