// What must hold whatever happened on the way: the schema is a fresh build's, each data step took effect
// once, no row is gone, the ledger says so, and a refused database is as it was.
import { expect } from 'vitest'
import { openDatabase } from '../../../src/db/client.ts'
import { observe } from '../../../src/migrate/observe.ts'
import { plan } from '../../../src/migrate/plan.ts'
import { compareSchema } from '../../../src/migrate/proof.ts'
import type { Revision } from '../../../src/migrate/revision.ts'
import { LEDGER } from '../../../src/migrate/tables.ts'
import { readRows, type TestDatabase } from '../../support/database.ts'
import { effectsOf, type State } from './states.ts'

type Rows = Awaited<ReturnType<typeof readRows>>
export type Before = { rows: Rows }

export async function remember(database: TestDatabase): Promise<Before> {
  return { rows: await readRows(database.client) }
}

export async function expectRightEnd(
  database: TestDatabase,
  state: State,
  before: Before,
  where: string,
): Promise<void> {
  const seen = await observe(openDatabase({ url: database.url }), state.build)
  if (seen.kind !== 'seen') throw new Error(`${where}: unreadable: ${seen.error}`)
  const after = await readRows(database.client)
  if (state.end !== 'at_head') {
    expect(plan(seen, state.build, '').kind, where).toBe(state.verdict)
    expect(after, where).toEqual(before.rows)
    return
  }
  const head = state.build.at(-1) as Revision
  expect(plan(seen, state.build, ''), where).toMatchObject({ kind: 'at_head', slow: [] })
  expect(compareSchema(head.schema, seen.schema), where).toEqual([])
  expect(
    after[LEDGER]?.map((row) => row.name),
    where,
  ).toEqual(state.build.map((revision) => revision.tag))
  expect(after.flowgate_guard, where).toEqual([])
  const effects = effectsOf(state)
  if (!effects) return
  expectSameColumns(seen.schema, head.schema, where)
  expect(countBy(after.effect ?? [], 'step'), where).toEqual(effects)
  // Whatever slices it took, and however often they were cut: each line once, none left out.
  expect(after.mark?.map((row) => row.line_id).sort(), where).toEqual(
    before.rows.line?.map((row) => row.id) ?? [],
  )
  for (const table of ['doc', 'line', 'ledger_of_others']) {
    const rows = (before.rows[table] ?? []).map((row) =>
      table === 'line' ? { ...row, words: counted(String(row.words)) } : row,
    )
    expect(after[table] ?? [], `${where}: ${table}`).toEqual(
      rows.map((row) => expect.objectContaining(row)),
    )
  }
}

/** Owned tables hold what a fresh build holds, no more: nothing half-done stayed behind. */
function expectSameColumns(found: Revision['schema'], head: Revision['schema'], where: string) {
  for (const [table, { columns }] of Object.entries(head))
    expect(Object.keys(found[table]?.columns ?? {}), where).toEqual(Object.keys(columns))
  expect(
    Object.keys(found).filter((table) => table.startsWith('__new_')),
    where,
  ).toEqual([])
}

/** What the second of the repeated steps makes of the words of a line, once. */
const counted = (words: string) => (words.includes(' ') ? words : `${words} ${words.length}`)

function countBy(rows: Record<string, unknown>[], column: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[String(row[column])] = (counts[String(row[column])] ?? 0) + 1
  return counts
}
