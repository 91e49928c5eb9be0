import { expect, test } from 'vitest'
import { parseTime, toSecond, toTime } from './times.ts'

test.each([
  ['2024-02-29', '2024-02-29 00:00:00.000000'],
  ['2024-01-31 23:59', '2024-01-31 23:59:00.000000'],
  ['2024-01-31t23:59:59z', '2024-01-31 23:59:59.000000'],
  ['2024-01-31T23:59:59.1234567', '2024-01-31 23:59:59.123456'],
  ['2024-01-01T00:30:00.5+02:00', '2023-12-31 22:30:00.500000'],
  ['2024-02-28T23:30:00-0100', '2024-02-29 00:30:00.000000'],
  ['0001-01-01T00:00:00Z', '0001-01-01 00:00:00.000000'],
  ['9999-12-31T23:59:59.999999+00:00', '9999-12-31 23:59:59.999999'],
])('%s is the moment %s', (text, stored) => expect(parseTime(text)).toBe(stored))

/** As times, none of these is one; a calendar without them is what a regular expression does not know. */
const impossible = [
  ...['2024-02-30', '2023-02-29', '2100-02-29', '2024-04-31', '2024-13-01', '2024-00-10'],
  ...['2024-01-00', '2024-01-32', '0000-01-01', '2024-01-01T24:00:00', '2024-01-01T24:61:00Z'],
  ...['2024-01-01T23:60:00Z', '2024-01-01T23:59:60Z', '2024-01-01T00:00:00+24:00'],
  ...['2024-01-01T00:00:00+01:60', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00'],
  ...['', 'yesterday', '2024-1-1', '24-01-01', '2024-01-01T', '2024-01-01T12', '2024-01-01Z'],
]
test.each(impossible)('%j is no time', (text) => expect(parseTime(text)).toBeUndefined())

test('every day of a leap year and of another is one, and what comes after it is not', () => {
  for (const year of [2023, 2024])
    for (let month = 1; month <= 12; month++)
      for (let day = 1; day <= 31; day++) {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
        const exists = day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
        expect([text, parseTime(text) !== undefined]).toEqual([text, exists])
      }
})

test.each([
  ['2026-01-31 12:00:00.123456', '2026-01-31T12:00:00.123456+00:00'],
  ['2026-01-31 12:00:00', '2026-01-31T12:00:00.000000+00:00'],
  ['2024-01-01T12:00:00+02:00', '2024-01-01T10:00:00.000000+00:00'],
  [1_700_000_000, '2023-11-14T22:13:20.000000+00:00'],
  ['1700000000', '2023-11-14T22:13:20.000000+00:00'],
  [1_700_000_000.25, '2023-11-14T22:13:20.250000+00:00'],
  [1_700_000_000_250, '2023-11-14T22:13:20.250000+00:00'],
  [1_700_000_000_250_000, '2023-11-14T22:13:20.250000+00:00'],
  [1_700_000_000_250_000_000n, '2023-11-14T22:13:20.250000+00:00'],
  [-1, '1969-12-31T23:59:59.000000+00:00'],
  [9_223_372_036_854_775_807n, '2262-04-11T23:47:16.855000+00:00'],
])('%s, as somebody stored it, is shown as %s', (stored, shown) => {
  expect(toTime(stored)).toBe(shown)
  expect(toSecond(stored)).toBe(`${shown.slice(0, 19)}+00:00`)
})

test.each([
  null,
  undefined,
  'yesterday',
  '',
  '2024-02-30 00:00:00',
  Number.POSITIVE_INFINITY,
  1e300,
  {},
])('what names no moment, as %s, is shown as none', (stored) =>
  expect([toTime(stored), toSecond(stored)]).toEqual([null, null]),
)
