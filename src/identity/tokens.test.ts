import { expect, test } from 'vitest'
import { signToken, verifyToken } from './tokens.ts'

test('a token holds under its own secret only, whichever key was in use before', async () => {
  const user = { userId: 'a'.repeat(32), credentials: null }
  const [mine, other] = ['a secret of thirty-two characters', 'another one of thirty-two letters']
  const token = await signToken(user, 'access', mine)
  await expect(verifyToken(token, 'access', other)).rejects.toThrow('Could not validate')
  expect(await verifyToken(token, 'access', mine)).toEqual(user)
  expect(await verifyToken(await signToken(user, 'access', other), 'access', other)).toEqual(user)
})
