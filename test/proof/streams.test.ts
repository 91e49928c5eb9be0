// Kept streams at the size at which they could be in one another's way: sqld has 128 connections, each stream is one.
import { expect, test } from 'vitest'
import { flowgateForTest } from '../support/flowgate.ts'
import { as, createFlow, signIn } from '../support/world.ts'

test('forty isolates that all keep what they may leave room for each other, and for writers', async () => {
  const ISOLATES = 40
  const many = await flowgateForTest({ isolates: ISOLATES, direct: true })
  const { token } = await signIn(many)
  const headers = { authorization: `Bearer ${token}` }
  const ask = async (isolate: number) => {
    const path = '/api/v1/flows/?header_flows=true'
    const response = await many.fetch(path, { headers }, isolate)
    await response.arrayBuffer()
    return response.status
  }
  for (let round = 0; round < 2; round++) {
    const all = Array.from({ length: ISOLATES * 4 }, (_, n) => ask(n % ISOLATES))
    expect(new Set(await Promise.all(all))).toEqual(new Set([200]))
  }
  await createFlow(as(many, token), 'written beside them')
})
