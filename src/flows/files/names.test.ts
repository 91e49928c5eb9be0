import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toFileName, toFileNames } from './names.ts'

test.each([
  ['a/b\\c:d', 'a_b_c_d'],
  ['../../etc/passwd', '__.._etc_passwd'],
  ['...', '_'],
  ['x. . ', 'x_'],
  ['', 'flow'],
  ['CON', '_CON'],
  ['nul.tar', '_nul.tar'],
  ['Com1 .x', '_Com1 .x'],
  ['lpt¹', '_lpt¹'],
  ['console', 'console'],
  ['abc\u202egnp.exe', 'abc_gnp.exe'],
  ['\ud800x', '\ufffdx'],
  [null, 'null'],
])('%j becomes %j', (name, file) => expect(toFileName(name)).toBe(file))

test('a name is cut between characters, to what every file system takes', () => {
  for (const char of ['x', 'é', '漢', '🙂', 'ﷺ']) {
    const file = toFileName(char.repeat(1_000_000))
    expect(Buffer.byteLength(file)).toBeLessThanOrEqual(171)
    expect(Buffer.byteLength(file)).toBeGreaterThan(80)
    expect(file).toBe(file.toWellFormed())
  }
})

test('no two names are one file, whatever a file system makes of case and composition', () => {
  const name = fc.constantFrom(
    'a',
    'A',
    'a (1)',
    'A (1)',
    'é',
    'e\u0301',
    'ﬁ',
    'fi',
    'a.',
    'a_',
    'ß',
    'SS',
  )
  fc.assert(
    fc.property(fc.array(name, { maxLength: 30 }), (names) => {
      const files = toFileNames(names)
      const seen = files.map((file) => file.normalize('NFKC').toUpperCase())
      expect(new Set(seen).size).toBe(names.length)
      for (const file of files) expect(Buffer.byteLength(file)).toBeLessThanOrEqual(200)
    }),
  )
  expect(toFileNames(['same', 'Same', 'same (1)', 'same'])).toEqual([
    'same.json',
    'Same (1).json',
    'same (1) (1).json',
    'same (2).json',
  ])
})

test('ten thousand names that agree where they are cut are numbered in one go', () => {
  const names = Array.from({ length: 10_000 }, (_, n) => `${'n'.repeat(500)}${n}`)
  let looked = 0
  const counted = names.map((name) => ({
    toString() {
      looked++
      return name
    },
  }))
  const files = toFileNames(counted)
  expect([looked, new Set(files).size]).toEqual([10_000, 10_000])
  expect(Buffer.byteLength(files.at(-1) ?? '')).toBeLessThanOrEqual(200)
})
