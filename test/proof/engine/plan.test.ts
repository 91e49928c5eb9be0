// `plan` over generated databases: always one verdict, never a write where nothing may be written, and
// every step that it allows leads nearer to head.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LedgerRow } from '../../../src/migrate/ledger.ts'
import type { Observed } from '../../../src/migrate/observe.ts'
import { isWork, type Plan, plan } from '../../../src/migrate/plan.ts'
import { contentHashOf, type Revision } from '../../../src/migrate/revision.ts'
import type { Schema, Table } from '../../../src/migrate/schema.ts'
import { exitCodes, refusalOf } from '../../../src/migrate/verdicts.ts'
import { isQuick } from '../size.ts'
import { count } from './pool.ts'
import { toy } from './toy.ts'

const RUNS = isQuick ? 500 : 5000

const rowOf = (revision: Revision): LedgerRow => ({
  hash: revision.hash,
  createdAt: revision.when,
  name: revision.tag,
  contentHash: contentHashOf(revision),
  breaks: revision.breaks,
})

const aRow: fc.Arbitrary<LedgerRow> = fc
  .tuple(
    fc.constantFrom(...toy),
    fc.record(
      {
        name: fc.constantFrom(null, 'a_stranger', '0007_stranger', ...toy.map((r) => r.tag)),
        hash: fc.constantFrom('', 'edited'),
        contentHash: fc.constantFrom(null, 'edited'),
        createdAt: fc.constantFrom(0, 1_600_000_000_000, 1_900_000_000_000),
        breaks: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    fc.boolean(),
  )
  .map(([revision, change, isTrue]) => ({ ...rowOf(revision), ...(isTrue ? {} : change) }))

const aLedger = fc.oneof(
  fc.constant(undefined),
  fc.nat({ max: toy.length }).map((n) => toy.slice(0, n).map(rowOf)),
  fc.array(aRow, { maxLength: 7 }).map((rows) => rows.sort((a, b) => a.createdAt - b.createdAt)),
)

const aSchema: fc.Arbitrary<Schema> = fc
  .tuple(
    fc.constantFrom(...toy.map((r) => r.schema), {} as Schema),
    fc.subarray(['doc', 'line', 'effect', 'mark', 'tail'], { minLength: 0 }),
    fc.subarray([
      'theirs',
      '__new_doc',
      '_alembic_tmp_line',
      'flowgate_lease',
      '__drizzle_migrations',
    ]),
    fc.nat({ max: 3 }),
  )
  .map(([schema, without, more, damage]) => {
    const kept = Object.entries(schema)
      .filter(([name]) => damage > 1 || !without.includes(name))
      .map(([name, table]): [string, Table] => [name, damage === 3 ? harm(table) : table])
    const extra = more.map((name): [string, Table] => [name, { ...emptyTable }])
    return Object.fromEntries([...kept, ...extra])
  })

const emptyTable: Table = {
  columns: {},
  primaryKey: [],
  indexes: [],
  foreignKeys: [],
  triggers: [],
  checks: [],
  conflicts: [],
}
const harm = (table: Table): Table => ({ ...table, indexes: [], foreignKeys: [] })

const aLease = fc.option(
  fc.record({
    holder: fc.constantFrom('me', 'somebody'),
    remainingMs: fc.integer({ min: -10_000, max: 10_000 }),
    failure: fc.record({
      hash: fc.constantFrom('other', ...toy.map((r) => r.hash)),
      tag: fc.constant('a tag'),
      attempts: fc.nat({ max: 20 }),
      retryInMs: fc.integer({ min: -10_000, max: 10_000 }),
    }),
  }),
  { nil: undefined },
)

/** Databases that are what their ledger says, some with newer revisions, some with an edited one. */
const aSoundObserved = fc
  .tuple(fc.integer({ min: 1, max: toy.length }), fc.boolean(), fc.boolean(), aLease, fc.nat(3))
  .map(([n, isAhead, breaks, lease, edit]): Observed => {
    const edited = edit === 0 ? { hash: 'edited', contentHash: 'edited' } : {}
    const later = { ...rowOf(toy[0] as Revision), name: '0009_later', createdAt: 1_900_000_000_000 }
    return {
      kind: 'seen',
      ledger: [
        { ...rowOf(toy[0] as Revision), ...edited },
        ...toy.slice(1, n).map(rowOf),
        ...(isAhead ? [{ ...later, breaks }] : []),
      ],
      lease,
      schema: (toy[n - 1] as Revision).schema,
      schemaVersion: 1,
      bytes: 4096,
    }
  })

const nothing: Observed = {
  kind: 'seen',
  ledger: undefined,
  lease: undefined,
  schema: {},
  schemaVersion: 0,
  bytes: 4096,
}

const anObserved: fc.Arbitrary<Observed> = fc.oneof(
  { weight: 25, arbitrary: aSoundObserved },
  { weight: 2, arbitrary: fc.constant(nothing) },
  { weight: 2, arbitrary: fc.constant({ kind: 'unreadable' as const, error: new Error('no') }) },
  {
    weight: 40,
    arbitrary: fc.record({
      kind: fc.constant('seen' as const),
      ledger: aLedger,
      lease: aLease,
      schema: aSchema,
      schemaVersion: fc.nat(),
      bytes: fc.nat(),
    }),
  },
)

const NO_WRITE: readonly Plan['kind'][] = [
  'unknown',
  'diverged',
  'tampered',
  'partial',
  'drifted',
  'ahead',
  'at_head',
  'held',
  'failed_recently',
]

test('every database has exactly one verdict, with an exit code, and a refusal unless it may be served', () => {
  const met = new Set<string>()
  fc.assert(
    fc.property(anObserved, (observed) => {
      const found = plan(observed, toy, 'me')
      met.add(found.kind)
      expect(exitCodes[found.kind]).toBeTypeOf('number')
      expect(isWork(found)).toBe(!NO_WRITE.includes(found.kind))
      const serves = found.kind === 'at_head' || (found.kind === 'ahead' && !found.breaking)
      expect(refusalOf(found) === undefined).toBe(serves || isWork(found))
      expect(plan(observed, toy, 'me')).toEqual(found)
    }),
    { numRuns: RUNS },
  )
  // The generator reaches every verdict: none is proven by never being met.
  expect([...met].sort()).toEqual(Object.keys(exitCodes).sort())
  count('plan: one verdict for any database', RUNS)
})

test('the work that a plan allows leads to head, request by request', () => {
  let works = 0
  fc.assert(
    fc.property(anObserved, (observed) => {
      const found = plan(observed, toy, 'me')
      if (observed.kind !== 'seen' || !isWork(found)) return
      works++
      const tags = [...found.stamp, ...found.apply].map((r) => r.tag)
      const recorded = toy.length - tags.length
      expect(tags).toEqual(toy.slice(recorded).map((r) => r.tag))
      // One request stamps, then one per revision; a stamp leaves the schema alone.
      const stamped = found.stamp.length
      const first = stamped > 0 ? stamped : 1
      for (let done = first; done <= tags.length; done++) {
        const upTo = toy[recorded + done - 1] as Revision
        const schema = done <= stamped ? observed.schema : { ...observed.schema, ...upTo.schema }
        const ledger = toy.slice(0, recorded + done).map(rowOf)
        const next = plan({ ...observed, ledger, schema, lease: undefined }, toy, 'me')
        if (recorded + done === toy.length) expect(next.kind).toBe('at_head')
        else expect(next).toMatchObject({ kind: 'behind', from: upTo.tag })
      }
    }),
    { numRuns: RUNS },
  )
  expect(works).toBeGreaterThan(RUNS / 50)
  count('plan: allowed work leads to head', works)
})
