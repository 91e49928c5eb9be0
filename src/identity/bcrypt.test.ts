import { compareSync, genSaltSync, hashSync } from 'bcryptjs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verifyBcrypt } from './bcrypt.ts'

const password = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', 'ä'.repeat(36), 'x'.repeat(71), 'x'.repeat(72), 'x'.repeat(73), 'a\0b'),
)

test('whatever bcryptjs makes is verified, and only with its password', async () => {
  await fc.assert(
    fc.asyncProperty(
      password,
      password,
      fc.constantFrom('a', 'b', 'y'),
      async (own, other, minor) => {
        const hash = hashSync(own, genSaltSync(4)).replace(/^\$2./, `$2${minor}`)
        expect(await verifyBcrypt(own, hash)).toBe(true)
        expect(await verifyBcrypt(other, hash)).toBe(compareSync(other, hash))
      },
    ),
    { numRuns: 150 },
  )
})

// Of John the Ripper's and Openwall's test vectors, made by other implementations.
test.each([
  ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
  ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
  ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
])('%j belongs to %s', async (own, hash) => {
  expect(await verifyBcrypt(own, hash)).toBe(true)
  expect(await verifyBcrypt(`${own}.`, hash)).toBe(false)
})

test('what is no hash of bcrypt is nobody’s', async () => {
  const hash = hashSync('x', genSaltSync(4))
  for (const broken of [
    '',
    hash.slice(0, -1),
    `${hash}.`,
    hash.replace('$2b$04', '$2b$03'),
    hash.replace('$2b$04', '$2b$32'),
    hash.replace('$2b', '$2x'),
    hash.slice(0, 7) + '!'.repeat(53),
  ])
    expect(await verifyBcrypt('x', broken)).toBe(false)
})
