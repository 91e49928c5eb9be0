import { expect, test } from 'vitest'
import { decrypt, encrypt, fingerprints, hashKey, openCursor, sealCursor } from './secrets.ts'

const old = { SECRET_KEY: 'the secret of last year, long enough' }
const now = {
  SECRET_KEY: 'the secret of this year, long enough',
  SECRET_KEY_PREVIOUS: old.SECRET_KEY,
}
const later = { SECRET_KEY: now.SECRET_KEY }

test('what was sealed opens for its purpose, under the secret of now or the one before, and under no other', async () => {
  const sealed = await encrypt('sesame', old, 'store api key')
  expect(sealed).toMatch(/^aesgcm:[\w-]+$/)
  expect(sealed).not.toBe(await encrypt('sesame', old, 'store api key'))
  expect(await decrypt(sealed, now, 'store api key')).toBe('sesame')
  expect(await decrypt(await encrypt('new', now, 'new api key'), later, 'new api key')).toBe('new')
  await expect(decrypt(sealed, later, 'store api key')).rejects.toThrow()
  await expect(decrypt(sealed, now, 'new api key')).rejects.toThrow()
  await expect(decrypt(`${sealed.slice(0, -2)}AA`, old, 'store api key')).rejects.toThrow()
})

test('a cursor opens where it was made for, and nothing else does', async () => {
  const cursor = await sealCursor('[1,"ä"]', 'flows of ann', old)
  expect(await openCursor(cursor, 'flows of ann', now)).toBe('[1,"ä"]')
  const [position = '', mac = ''] = cursor.split('.')
  const [first = ''] = mac
  const others = [
    [cursor, 'flows of bob', now],
    [cursor, 'flows of ann', later],
    [`${position}.`, 'flows of ann', now],
    [`${position}x.${mac}`, 'flows of ann', now],
    [`${position}.${first === 'A' ? 'B' : 'A'}${mac.slice(1)}`, 'flows of ann', now],
    ['', 'flows of ann', now],
    ['%00', 'flows of ann', now],
  ] as const
  for (const [text, context, secrets] of others)
    expect([text, await openCursor(text, context, secrets)]).toEqual([text, undefined])
})

test('a request is known again by what it said, also under the secret before', async () => {
  const body = new TextEncoder().encode('{}')
  const [before] = await fingerprints('POST /', body, old)
  const known = await fingerprints('POST /', body, now)
  expect(known).toHaveLength(2)
  expect(known[1]).toBe(before)
  expect(await fingerprints('POST /', new Uint8Array(), old)).not.toEqual([before])
})

test('a key is stored as a plain hash that can be looked up', async () => {
  expect(await hashKey('sk-x')).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(await hashKey('sk-x')).toBe(await hashKey('sk-x'))
})
