import { expect, test } from 'vitest'
import { sql } from './sql.ts'
import { compile, define, Given, instant, settle } from './statement.ts'
import { now } from './values.ts'

const me = new Given('me')
const as = (id: string, statement: Parameters<typeof define>[2]) =>
  define(me, sql`me(id) AS (SELECT ${id})`, statement)

test('a statement that names a table gets its definition, with the values in their places', () => {
  const statement = sql`SELECT ${1} FROM ${me} WHERE x = ${sql`${2} OR ${sql.identifier('y')} = ${3}`}`
  expect(compile(as('ann', statement))).toEqual({
    sql: 'WITH me(id) AS (SELECT ?) SELECT ? FROM me WHERE x = ? OR "y" = ?',
    args: ['ann', 1, 2, 3],
  })
})

test('one that does not name it stays as it is', () => {
  expect(compile(as('ann', sql`SELECT ${1}`))).toEqual({ sql: 'SELECT ?', args: [1] })
})

test('the definition comes before those that the statement brings along', () => {
  const statement = sql`WITH other AS (SELECT * FROM ${me}) SELECT * FROM other`
  expect(compile(as('ann', statement)).sql).toBe(
    'WITH me(id) AS (SELECT ?), other AS (SELECT * FROM me) SELECT * FROM other',
  )
})

test('the innermost definition counts, and only where it was given', () => {
  const inner = as('bob', sql`SELECT id FROM ${me}`)
  const { sql: text, args } = compile(as('ann', sql`SELECT (${inner}), me.id FROM ${me}`))
  expect(text).toBe(
    'WITH me(id) AS (SELECT ?) SELECT (WITH me(id) AS (SELECT ?) SELECT id FROM me), me.id FROM me',
  )
  expect(args).toEqual(['ann', 'bob'])
  expect(compile(as('ann', inner)).args).toEqual(['bob'])
})

test('one that nobody defines is not sent: it would look like a lost schema', () => {
  expect(() => compile(sql`SELECT id FROM ${me}`)).toThrow('names me')
  expect(() => compile(sql`${as('ann', sql`SELECT 1`)} UNION SELECT id FROM ${me}`)).toThrow(
    'names me',
  )
})

test('a settled part means what it meant: the same text, values and names', () => {
  const part = sql`a IN (${sql`SELECT ${1} ${sql.raw('FROM x')}`}, ${'two'}) AND b IN (SELECT id FROM ${me}) AND ${null} IS c`
  const settled = settle(part)
  expect(compile(as('ann', settled))).toEqual(compile(as('ann', part)))
  expect(settled.queryChunks.length).toBeLessThan(10)
})

test('what is no value of SQLite is not sent, and not said: nor is undefined left out', () => {
  for (const secret of [undefined, { secret: 1 }, ['secret'], Symbol('secret'), () => 'secret'])
    expect(() => compile(sql`SELECT ${secret as never}`)).toThrow(
      /^Neither SQL nor a value[^']*: \w+$/,
    )
  const values = [null, 'text', 1.5, 2n, true]
  expect(compile(sql`${null} ${'text'} ${1.5} ${2n} ${true}`)).toEqual({
    sql: '? ? ? ? ?',
    args: values,
  })
})

test('a name is a name, whatever is in it', () => {
  expect(compile(sql`SELECT ${sql.identifier('a"b')}`).sql).toBe('SELECT "a""b"')
})

test('a statement goes by the clock of the database, or by the time that its sender says, wherever it asks for one', () => {
  const query = sql`SELECT ${now} WHERE ends > ${settle(sql`strftime('%s', ${instant}, ${'-1 day'})`)}`
  expect(compile(query)).toEqual({
    sql: "SELECT strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE ends > strftime('%s', 'now', ?)",
    args: ['-1 day'],
  })
  const at = '2026-01-31 12:00:00.123'
  expect(compile(query, at)).toEqual({
    sql: "SELECT strftime('%Y-%m-%d %H:%M:%f000', ?) WHERE ends > strftime('%s', ?, ?)",
    args: [at, at, '-1 day'],
  })
})
