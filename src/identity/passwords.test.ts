import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from './passwords.ts'

test('a password opens its own hash and no other', async () => {
  const hash = await hashPassword('correct')
  expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=1\$/)
  expect(await verifyPassword('correct', hash)).toBe(true)
  expect(await verifyPassword('Correct', hash)).toBe(false)
  expect(await hashPassword('correct')).not.toBe(hash)
})

test('no hash, a foreign hash or a broken one opens nothing', async () => {
  for (const stored of [undefined, '', 'correct', '$scrypt$ln=14,r=8,p=1$AA$AA']) {
    expect(await verifyPassword('correct', stored)).toBe(false)
  }
})
