import { expect, test } from 'vitest'
import { revisions } from '../../migrations/bundle.ts'
import type { LedgerRow } from './ledger.ts'
import type { Observed } from './observe.ts'
import { plan, type Verdict } from './plan.ts'
import { contentHashOf, headOf, type Revision } from './revision.ts'
import type { Schema, Table } from './schema.ts'
import { LEDGER } from './tables.ts'

const head = headOf(revisions)
const [first] = revisions
const tags = (list: readonly Revision[]) => list.map((revision) => revision.tag)

const row = (revision: Revision, change: Partial<LedgerRow> = {}): LedgerRow => ({
  hash: revision.hash,
  createdAt: revision.when,
  name: revision.tag,
  contentHash: contentHashOf(revision),
  breaks: false,
  ...change,
})
const future: LedgerRow = {
  hash: 'f',
  createdAt: head.when + 1e6,
  name: '9999_future',
  contentHash: null,
  breaks: false,
}
const seen = (change: Partial<Extract<Observed, { kind: 'seen' }>>): Observed => ({
  kind: 'seen',
  ledger: undefined,
  lease: undefined,
  // What as many revisions leave behind, unless the case is about the schema.
  schema: revisions[(change.ledger?.length ?? 0) - 1]?.schema ?? {},
  schemaVersion: 0,
  bytes: 4096,
  ...change,
})
/** The first revision that leaves the same schema behind. */
const firstLike = (revision: Revision) => revisions.findIndex((r) => r.schema === revision.schema)
const without = (schema: Schema, table: string): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== table))
const stranger: Table = {
  columns: {},
  primaryKey: [],
  indexes: [],
  foreignKeys: [],
  triggers: [],
  checks: [],
  conflicts: [],
}
const foreign: Schema = { orders: stranger }
const lease = { holder: 'other', remainingMs: 900 }
const failure = { hash: head.hash, tag: head.tag, attempts: 2, retryInMs: 4000 }

// One row per state; the type makes a verdict without a case a compile error.
const cases: Record<Verdict, { observed: Observed; expected: object }[]> = {
  empty: [
    { observed: seen({}), expected: { apply: revisions, stamp: [] } },
    { observed: seen({ ledger: [], schema: foreign }), expected: { apply: revisions } },
    { observed: seen({ lease: { ...lease, remainingMs: 0 } }), expected: { apply: revisions } },
    { observed: seen({ lease: { ...lease, holder: 'me' } }), expected: { apply: revisions } },
  ],
  at_head: [
    {
      observed: seen({ ledger: revisions.map((r) => row(r)), lease }),
      expected: { from: head.tag },
    },
    {
      observed: seen({ ledger: revisions.map((r) => row(r, { name: null, hash: '' })) }),
      expected: {},
    },
    {
      observed: seen({
        ledger: revisions.map((r) =>
          row(r, { name: null, createdAt: Math.floor(r.when / 1000) * 1000 }),
        ),
      }),
      expected: {},
    },
    {
      observed: seen({
        ledger: revisions.map((r) => row(r, { hash: 'same statements, other comments' })),
      }),
      expected: {},
    },
    {
      observed: seen({
        ledger: revisions.map((r) =>
          row(r, { name: null, hash: `${r.crlfHash}and so on`, contentHash: null }),
        ),
      }),
      expected: {},
    },
  ],
  behind: [
    {
      observed: seen({ ledger: [row(first)] }),
      expected: { from: first.tag, apply: revisions.slice(1) },
    },
    // Said twice, it is said once; what other applications say is not about us.
    {
      observed: seen({
        ledger: [row(first), row(first), { ...future, name: null }, { ...future, name: 'theirs' }],
        schema: first.schema,
      }),
      expected: { from: first.tag, apply: revisions.slice(1) },
    },
    // A clock that was set back makes neither a lease nor a pause last for ever.
    {
      observed: seen({ ledger: [row(first)], lease: { ...lease, remainingMs: 7_200_000 } }),
      expected: {},
    },
    {
      observed: seen({
        ledger: [row(first)],
        lease: { ...lease, remainingMs: 0, failure: { ...failure, retryInMs: 7_200_000 } },
      }),
      expected: {},
    },
    {
      observed: seen({
        ledger: [row(first)],
        lease: { ...lease, remainingMs: -5, failure: { ...failure, retryInMs: 0 } },
      }),
      expected: {},
    },
  ],
  unstamped: [
    {
      observed: seen({ schema: first.schema }),
      expected: { stamp: [first], apply: revisions.slice(1) },
    },
    {
      observed: seen({ schema: { ...foreign, ...head.schema } }),
      // Revisions of rows alone cannot be proven by the schema: those at the end run again.
      expected: {
        stamp: revisions.filter((r) => revisions.indexOf(r) <= firstLike(head)),
        apply: revisions.slice(firstLike(head) + 1),
      },
    },
    {
      observed: seen({ schema: (revisions[3] as Revision).schema }),
      expected: { stamp: revisions.slice(0, 2), apply: revisions.slice(2) },
    },
  ],
  partial: [
    { observed: seen({ schema: without(first.schema, 'flow') }), expected: { nearest: first.tag } },
    {
      observed: seen({ schema: without((revisions[1] as Revision).schema, 'role') }),
      expected: {
        nearest: '0001_rbac',
        differences: [{ kind: 'missing', what: 'table', table: 'role' }],
      },
    },
  ],
  ahead: [
    {
      observed: seen({ ledger: [...revisions.map((r) => row(r)), future], lease }),
      expected: { newer: ['9999_future'], breaking: undefined },
    },
    {
      observed: seen({ ledger: [...revisions.map((r) => row(r)), { ...future, breaks: true }] }),
      expected: { breaking: '9999_future' },
    },
  ],
  drifted: [
    {
      observed: seen({ ledger: revisions.map((r) => row(r)), schema: {} }),
      expected: { from: head.tag },
    },
    {
      observed: seen({ ledger: [row(first)], schema: without(first.schema, 'flow') }),
      expected: {
        from: first.tag,
        differences: [{ kind: 'missing', what: 'table', table: 'flow' }],
      },
    },
    {
      observed: seen({ ledger: [row(first)], schema: head.schema }),
      expected: { from: first.tag },
    },
  ],
  diverged: [
    {
      observed: seen({
        ledger: [row(first), { ...future, createdAt: first.when + 1, name: '0001_stranger' }],
      }),
      expected: { rows: ['0001_stranger'] },
    },
    {
      observed: seen({
        ledger: [row(first), { ...future, createdAt: first.when + 1, name: 'x', how: 'applied' }],
      }),
      expected: { rows: ['x'] },
    },
    {
      observed: seen({ ledger: [row(first), row(head)] }),
      expected: { rows: tags(revisions.slice(1, -1)).map((tag) => `${tag} (missing)`) },
    },
    { observed: seen({ ledger: [row(first), row(first, { hash: 'x' })] }), expected: {} },
    {
      observed: seen({ schema: { flowgate_lease: { ...stranger, form: 'a view' } } }),
      expected: { rows: ['flowgate_lease is a view, not an ordinary table'] },
    },
    {
      observed: seen({ schema: { [LEDGER]: stranger } }),
      expected: { rows: ['__drizzle_migrations has no column id'] },
    },
    { observed: seen({ ledger: [future] }), expected: { rows: ['9999_future'] } },
  ],
  tampered: [
    {
      observed: seen({ ledger: [row(first, { hash: 'x', contentHash: 'y' })] }),
      expected: { revision: first.tag },
    },
    {
      observed: seen({
        ledger: revisions.map((r) => row(r, r === head ? { hash: 'x', contentHash: null } : {})),
      }),
      expected: { revision: head.tag },
    },
  ],
  held: [
    { observed: seen({ lease }), expected: { remainingMs: 900 } },
    { observed: seen({ ledger: [row(first)], lease }), expected: { remainingMs: 900 } },
    { observed: seen({ schema: first.schema, lease }), expected: {} },
  ],
  failed_recently: [
    {
      observed: seen({ ledger: [row(first)], lease: { ...lease, remainingMs: 0, failure } }),
      expected: { revision: head.tag, retryInMs: 4000 },
    },
  ],
  unknown: [{ observed: { kind: 'unreadable', error: 'gone' }, expected: { error: 'gone' } }],
}

for (const [verdict, states] of Object.entries(cases)) {
  test.each(states.map((state, i) => ({ ...state, i })))(
    `${verdict}, state $i`,
    ({ observed, expected }) => {
      expect(plan(observed, revisions, 'me')).toMatchObject({ kind: verdict, ...expected })
    },
  )
}

test('whoever insists does not wait for the end of a pause', () => {
  const observed = seen({ ledger: [row(first)], lease: { ...lease, remainingMs: 0, failure } })
  expect(plan(observed, revisions, 'me').kind).toBe('failed_recently')
  expect(plan(observed, revisions, 'me', true).kind).toBe('behind')
})

test('a failure of a revision that is no longer in the build holds nobody up', () => {
  const observed = seen({
    ledger: [row(first)],
    lease: { ...lease, remainingMs: 0, failure: { ...failure, hash: 'fixed since' } },
  })
  expect(plan(observed, revisions, 'me').kind).toBe('behind')
})

test('a table of a later revision is not applied over', () => {
  const role = (revisions[1] as Revision).schema.role
  expect(
    plan(seen({ schema: { ...first.schema, ...(role ? { role } : {}) } }), revisions, 'me').kind,
  ).toBe('partial')
})
