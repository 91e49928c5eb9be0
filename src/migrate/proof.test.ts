import { describe, expect, test } from 'vitest'
import { isOnlySlow, toShown } from './difference.ts'
import * as proof from './proof.ts'
import { type Column, type Schema, type Table, toSchema } from './schema.ts'

/** Differences as people are shown them. */
const compareSchema = (...schemas: [Schema, Schema]) => proof.compareSchema(...schemas).map(toShown)

/** A schema of one table `t`, from rows as SQLite's pragmas give them. */
function schemaOf(columns: Record<string, string>, more: Partial<Table> = {}): Schema {
  const rows = Object.entries(columns).map(([name, declared]) => ({
    tbl: 't',
    name,
    type: declared.replace(/ NOT NULL| DEFAULT .*/g, ''),
    notnull: declared.includes('NOT NULL') ? 1 : 0,
    dflt_value: / DEFAULT (.*)/.exec(declared)?.[1] ?? null,
    pk: 0,
  }))
  const { t } = toSchema([[{ type: 'table', name: 't', tbl_name: 't', sql: '' }], rows, [], []])
  return { t: { ...(t as Table), ...more } }
}

describe('declared types', () => {
  const equal: [string, string][] = [
    ['VARCHAR', 'TEXT'],
    ['CHAR(32)', 'VARCHAR(32)'],
    ['DATETIME', 'TEXT'],
    ['DATETIME', 'TIMESTAMP'],
    ['BOOLEAN', 'INTEGER'],
    ['JSON', 'TEXT'],
    ["BOOLEAN NOT NULL DEFAULT '0'", 'BOOLEAN NOT NULL DEFAULT 0'],
    ['BOOLEAN NOT NULL DEFAULT 0', 'BOOLEAN NOT NULL DEFAULT false'],
    ['VARCHAR NOT NULL DEFAULT 1', 'VARCHAR NOT NULL'],
    ['VARCHAR', "VARCHAR DEFAULT 'theirs'"],
  ]
  test.each(equal)('%s proves as %s', (expected, found) => {
    expect(compareSchema(schemaOf({ c: expected }), schemaOf({ c: found }))).toEqual([])
  })

  const different: [string, string][] = [
    ['CHAR(32)', 'NUMERIC'],
    ['CHAR(32)', 'INTEGER'],
    ['BOOLEAN', 'TEXT'],
    ['VARCHAR', 'BLOB'],
    ['VARCHAR NOT NULL', 'VARCHAR'],
    ['VARCHAR', 'VARCHAR NOT NULL'],
    ["VARCHAR DEFAULT 'a'", "VARCHAR DEFAULT 'b'"],
  ]
  test.each(different)('%s does not prove as %s', (expected, found) => {
    expect(compareSchema(schemaOf({ c: expected }), schemaOf({ c: found }))).toMatchObject([
      { kind: 'different', object: 'column t.c' },
    ])
  })
})

test('more tables, columns and indexes are fine, but not a column that our inserts would leave empty', () => {
  const expected = schemaOf({ c: 'TEXT' })
  const more = { name: 'x', columns: ['theirs'], unique: false, where: null }
  const found = {
    ...schemaOf({ c: 'TEXT', theirs: 'TEXT' }, { indexes: [more] }),
    other: {} as Table,
  }
  expect(compareSchema(expected, found)).toEqual([])
  expect(compareSchema(expected, schemaOf({ c: 'TEXT', theirs: 'TEXT NOT NULL' }))).toMatchObject([
    { kind: 'unexpected', object: 'column t.theirs' },
  ])
})

describe('what a constraint enforces counts, not its name or its order', () => {
  const unique = (name: string, columns: string[], where: string | null = null) => ({
    indexes: [{ name, columns, unique: true, where }],
  })
  const columns = { a: 'TEXT', b: 'TEXT' }

  test('a unique index proves as a unique constraint over the same columns', () => {
    const found = schemaOf(columns, unique('sqlite_autoindex_t_1', ['b', 'a']))
    expect(compareSchema(schemaOf(columns, unique('u', ['a', 'b'])), found)).toEqual([])
  })

  test('a partial unique index does not prove as a whole one, nor a whole one as a partial', () => {
    const whole = schemaOf(columns, unique('u', ['a']))
    const part = schemaOf(columns, unique('u', ['a'], 'b is null'))
    expect(compareSchema(whole, part)).toHaveLength(1)
    expect(compareSchema(part, whole)).toHaveLength(1)
  })

  test('a plain index is order, so its order counts; without it reads are only slow', () => {
    const plain = (columns: string[]) => ({
      indexes: [{ name: 'i', columns, unique: false, where: null }],
    })
    const [difference, ...rest] = proof.compareSchema(
      schemaOf(columns, plain(['a', 'b'])),
      schemaOf(columns, plain(['b', 'a'])),
    )
    expect(rest).toEqual([])
    expect(difference && isOnlySlow(difference)).toBe(true)
  })

  test('a foreign key must do the same on delete', () => {
    const key = (onDelete: string) => ({
      foreignKeys: [{ columns: ['a'], table: 'p', references: ['id'], onDelete }],
    })
    expect(
      compareSchema(schemaOf(columns, key('NO ACTION')), schemaOf(columns, key('CASCADE'))),
    ).toMatchObject([{ kind: 'missing', object: 'foreign key t(a) -> p(id) on delete no action' }])
  })
})

test('names are compared without case, as SQLite does', () => {
  const rows = [
    [{ type: 'table', name: 'User', tbl_name: 'User', sql: '' }],
    [{ tbl: 'User', name: 'Id', type: 'text', notnull: 0, dflt_value: null, pk: 1 }],
    [],
    [],
  ]
  expect(Object.keys(toSchema(rows))).toEqual(['user'])
  expect(toSchema(rows).user?.primaryKey).toEqual(['id'])
})

test('an index of a later revision is in the way on whatever table it hangs', () => {
  const index = { name: 'later', columns: ['c'], unique: false, where: null }
  const later = schemaOf({ c: 'TEXT' }, { indexes: [index] })
  const theirs = {
    columns: {} as Record<string, Column>,
    primaryKey: [],
    foreignKeys: [],
    triggers: [],
    checks: [],
    conflicts: [],
  }
  const found = { ...schemaOf({ c: 'TEXT' }), theirs: { ...theirs, indexes: [index] } }
  expect(proof.findEarly(later, schemaOf({ c: 'TEXT' }), found).map(toShown)).toMatchObject([
    { kind: 'unexpected', object: 'index later' },
  ])
})

test('a CHECK of ours must be there, and one of theirs may be', () => {
  const plain = schemaOf({ c: 'TEXT' })
  const checked = schemaOf({ c: 'TEXT' }, { checks: ['c > 0'] })
  expect(compareSchema(checked, plain)).toMatchObject([
    { kind: 'missing', object: 'check t(c > 0)' },
  ])
  expect(compareSchema(plain, checked)).toEqual([])
})
