import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { keyFor, type Purpose } from './house.ts'
import { decrypt, encrypt, fingerprints, openCursor, sealCursor } from './secrets.ts'
import { signToken, verifyToken } from './tokens.ts'

const token = { userId: 'a'.repeat(32), sessionId: 'b'.repeat(32), round: 3 }
const old = { SECRET_KEY: 'a secret of thirty-two characters' }
const other = { SECRET_KEY: 'another one of thirty-two letters' }
const rotated = { ...other, SECRET_KEY_PREVIOUS: old.SECRET_KEY }
const INVALID = 'Could not validate credentials'

test('a token holds under its own secret only, whichever key was in use before', async () => {
  const mine = await signToken(token, 'access', old)
  await expect(verifyToken(mine, 'access', other)).rejects.toThrow(INVALID)
  expect(await verifyToken(mine, 'access', old)).toEqual(token)
  expect(await verifyToken(await signToken(token, 'access', other), 'access', other)).toEqual(token)
})

test('no token stands in for one of the other type', async () => {
  const access = await signToken(token, 'access', old)
  await expect(verifyToken(access, 'refresh', old)).rejects.toThrow(INVALID)
  const { kid, key } = await keyFor(old, 'refresh token')
  const claims = { ...{ sub: token.userId, sid: token.sessionId, round: 0, iss: 'flowgate' } }
  const mixed = await new SignJWT({ ...claims, type: 'access' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
    .setExpirationTime('1h')
    .sign(key)
  for (const type of ['access', 'refresh'] as const)
    await expect(verifyToken(mixed, type, old)).rejects.toThrow(INVALID)
})

test('each purpose and each secret has a key and a name of its own', async () => {
  const purposes: Purpose[] = [
    'access token',
    'refresh token',
    'cursor',
    'idempotency',
    'store api key',
  ]
  const keys = await Promise.all(
    [old, other].flatMap((secrets) => purposes.map((purpose) => keyFor(secrets, purpose))),
  )
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(10)
  expect(keys.every(({ key }) => !key.extractable)).toBe(true)
  expect(await keyFor(old, 'cursor')).toBe(
    await keyFor(rotated, 'cursor').then(() => keyFor(old, 'cursor')),
  )
})

test('while the secret is being replaced, what the old one made opens, and nothing new is made with it', async () => {
  const before = {
    token: await signToken(token, 'refresh', old),
    sealed: await encrypt('text', old, 'new api key'),
    cursor: await sealCursor('here', 'list', old),
    fingerprint: (await fingerprints('request', new Uint8Array(), old))[0],
  }
  expect(await verifyToken(before.token, 'refresh', rotated)).toEqual(token)
  expect(await decrypt(before.sealed, rotated, 'new api key')).toBe('text')
  expect(await openCursor(before.cursor, 'list', rotated)).toBe('here')
  expect((await fingerprints('request', new Uint8Array(), rotated))[1]).toBe(before.fingerprint)
  await expect(verifyToken(before.token, 'refresh', other)).rejects.toThrow(INVALID)
  await expect(decrypt(before.sealed, other, 'new api key')).rejects.toThrow()
  expect(await openCursor(before.cursor, 'list', other)).toBe(undefined)
  const after = await signToken(token, 'refresh', rotated)
  expect(await verifyToken(after, 'refresh', other)).toEqual(token)
  await expect(verifyToken(after, 'refresh', old)).rejects.toThrow(INVALID)
  expect(await decrypt(await encrypt('text', rotated, 'new api key'), other, 'new api key')).toBe(
    'text',
  )
})
