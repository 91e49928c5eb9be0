import { expect, test } from 'vitest'
import { toNetwork } from './defence.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1:2:3:4:5:6:7', 'fe80:1:2:3::/64'],
  ['nonsense', 'nonsense'],
])('%s is the network %s', (address, network) => expect(toNetwork(address)).toBe(network))

test('whatever stands in place of an address is bounded', () => {
  expect(toNetwork('x'.repeat(1_000_000))).toHaveLength(64)
  expect(toNetwork(':'.repeat(1_000_000)).length).toBeLessThan(80)
})
