import { expect, test } from 'vitest'
import { revisions } from '../../migrations/bundle.ts'
import type { Observed } from './observe.ts'
import { plan } from './plan.ts'
import type { Schema, Table } from './schema.ts'

const stranger: Table = {
  columns: {},
  primaryKey: [],
  indexes: [],
  foreignKeys: [],
  triggers: [],
  checks: [],
  conflicts: [],
}
const planFor = (schema: Schema) => {
  const nothing = { ledger: undefined, lease: undefined, schemaVersion: 0, bytes: 4096 }
  const observed: Observed = { kind: 'seen', ...nothing, schema }
  return plan(observed, revisions, 'me')
}

test('the only copy of a table of ours, in a leftover, is neither hidden nor built over', () => {
  const { apikey: _lost, ...others } = revisions[0].schema
  expect(planFor({ ...others, _alembic_tmp_apikey: stranger })).toMatchObject({
    kind: 'partial',
    differences: expect.arrayContaining([
      expect.objectContaining({ what: 'leftover', table: '_alembic_tmp_apikey', onlyCopy: true }),
    ]),
  })
})

test('a database with nothing of ours but a leftover is not empty', () => {
  expect(planFor({ __new_flow: stranger }).kind).toBe('partial')
})

test('a leftover beside its table, which no revision to come rebuilds, is in nobody’s way', () => {
  expect(planFor({ ...revisions[0].schema, __new_flow: stranger }).kind).toBe('unstamped')
})
