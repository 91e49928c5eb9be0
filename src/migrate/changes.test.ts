import { expect, test } from 'vitest'
import { findChanges } from '../../migrations/changes.build.ts'
import { change } from './changes.ts'
import { nothing, type Schema, type Table } from './schema.ts'

const column = { type: 'TEXT', affinity: 'TEXT', notNull: false, default: null } as const
const index = { name: 'ix_b', columns: ['b'], unique: false, where: null }
const trigger = {
  name: 'keeps',
  body: 'CREATE TRIGGER keeps AFTER DELETE ON doc BEGIN SELECT 1; END',
}
const doc: Table = {
  ...nothing,
  columns: { id: column, b: column },
  primaryKey: ['id'],
  indexes: [index],
  triggers: [trigger],
  checks: ['b > 0'],
}

test.each<[string, Schema, Schema]>([
  ['a new table', {}, { doc }],
  ['another table', { doc }, { doc, line: { ...nothing, columns: { id: column } } }],
  ['a table that is gone', { doc, line: nothing }, { doc }],
  ['a new column', { doc }, { doc: { ...doc, columns: { ...doc.columns, c: column } } }],
  [
    'a column of another type',
    { doc },
    { doc: { ...doc, columns: { id: column, b: { ...column, type: 'X' } } } },
  ],
  [
    'a column and an index that are gone',
    { doc },
    { doc: { ...doc, columns: { id: column }, indexes: [] } },
  ],
  [
    'an index that is another one',
    { doc },
    { doc: { ...doc, indexes: [{ ...index, unique: true }] } },
  ],
  ['a trigger that is gone', { doc }, { doc: { ...doc, triggers: [] } }],
  [
    'a trigger that is another one',
    { doc: { ...doc, triggers: [{ ...trigger, body: 'x' }] } },
    { doc },
  ],
  ['another key, and no check', { doc }, { doc: { ...doc, primaryKey: ['b'], checks: [] } }],
  ['another form', { doc }, { doc: { ...doc, form: 'STRICT' } }],
])('%s comes out of its changes as it went in', (_, before, after) => {
  const statements = ['SELECT 1;', `${trigger.body.replace(' AFTER', '\n\tAFTER')};`]
  const changes = findChanges(before, after, statements)
  expect(change(before, changes, statements)).toEqual(after)
})

test('a trigger that no statement makes is not built', () => {
  expect(() => findChanges({}, { doc }, ['SELECT 1;'])).toThrow('do not make its schema')
})
