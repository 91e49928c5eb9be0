import { expect, test } from 'vitest'
import { line } from './csv.ts'

test('no part of a cell is a formula, wherever a spreadsheet cuts it', () => {
  const cases = [
    ['=1+1', `"'=1+1"`],
    ["x;=1+cmd|' /C calc'!A0;y", `"x;'=1+cmd|' /C calc'!A0;y"`],
    ['a\n@SUM(A1)', `"a\n'@SUM(A1)"`],
    ['a;; -1;＝2', `"a;;' -1;'＝2"`],
    ['a\r\n=1;\n\t+1', `"a\r\n'=1;\n\t'+1"`],
    ['1;2 = 3 - 4', '"1;2 = 3 - 4"'],
    ['say "=1"', '"say ""=1"""'],
  ] as const
  for (const [text, cell] of cases) expect(line([text, 'z'])).toBe(`${cell},"z"\r\n`)
})
