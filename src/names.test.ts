import { expect, test } from 'vitest'
import { faultOfName, keyOfName, keyOfTyped, toName } from './names.ts'

test('names that look alike are one, whatever their spelling', () => {
  const alike: [string, ...string[]][] = [
    ['Ann', 'ann', 'ANN', ' ann ', 'ａｎｎ', '\tAnn\n'],
    ['Ann Lee', 'ann  lee', 'ann\u00a0lee', 'ANN\u3000LEE', 'ann\u2003\u2003lee', 'ann\u1680lee'],
    ['Zoë', 'zoe\u0308', 'ZOË'],
    ['Straße', 'STRASSE', 'strasse'],
    ['ΟΔΟΣ', 'οδος', 'οδοσ'],
    ['ﬁn', 'fin'],
    ['K', 'k', '\u212a'],
    ['admin', 'admın'],
  ]
  for (const [first, ...others] of alike)
    for (const other of others) expect([other, keyOfName(other)]).toEqual([other, keyOfName(first)])
  const keys = [...alike.map(([first]) => keyOfName(first)), keyOfName('Anna'), keyOfName('An n')]
  expect(new Set(keys).size).toBe(keys.length)
})

test('a key is its own key, begins with no space, and is lower() for ASCII, as the revision has it', () => {
  // Where letters have cases or other forms.
  const blocks = [...Array(0x30).keys(), 0xa6, 0xa7, 0xab, 0xfb, 0xff, 0x104, 0x10c, 0x1d4, 0x1e9]
  const codes = blocks.flatMap((block) => Array.from({ length: 256 }, (_, n) => block * 256 + n))
  for (const code of codes) {
    const name = `a${String.fromCodePoint(code)}b`
    const key = keyOfName(name)
    if (keyOfName(key) !== key) expect([code.toString(16), keyOfName(key)]).toEqual([code, key])
  }
  expect(keyOfName('  x').startsWith(' ')).toBe(false)
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')
  expect(keyOfName(`x${ascii}x`)).toBe(`x${ascii}x`.toLowerCase())
})

test('what cannot be seen, or is too long once it is normalised, is no name', () => {
  const unseen = [
    ...[
      '\0',
      '\x1b',
      '\x7f',
      '\u0085',
      '\n',
      '\u00ad',
      '\u034f',
      '\u061c',
      '\u115f',
      '\u17b4',
      '\u180e',
    ],
    ...[
      '\u200b',
      '\u200d',
      '\u200e',
      '\u202e',
      '\u2028',
      '\u2029',
      '\u2060',
      '\u2066',
      '\u2800',
      '\u3164',
    ],
    ...[
      '\ufe0f',
      '\ufeff',
      '\uffa0',
      '\ufffe',
      '\ue000',
      '\u0378',
      '\ud800',
      '\u{e0041}',
      '\u{f0000}',
    ],
  ]
  for (const one of unseen)
    expect([one, faultOfName(toName(`a${one}b`))]).toEqual([
      one,
      expect.stringMatching(/invisible/),
    ])
  expect(faultOfName(toName(' \u3000 '))).toBe('must not be empty')
  expect(faultOfName(toName('\ufdfa'.repeat(255)))).toMatch(/at most 255/)
  for (const name of ['Ann', 'Zoë', '李雷', 'محمد', 'O’Brien', 'a b', '🙂', 'x'.repeat(255)])
    expect([name, faultOfName(toName(name))]).toEqual([name, undefined])
})

test('a text that is too long to be a name is not folded at all', () => {
  expect(keyOfTyped('\u0301'.repeat(1_000_000))).toBeUndefined()
  expect(keyOfTyped('ANN')).toBe('ann')
})
