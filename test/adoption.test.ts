// LangBuilder's databases, whatever way they came to be: stamped at what their schema proves, upgraded
// from there, and not a row lost or changed beyond what the revisions say.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { observe } from '../src/migrate/observe.ts'
import { compareSchema } from '../src/migrate/proof.ts'
import type { Revision } from '../src/migrate/revision.ts'
import { migrate } from '../src/migrate/run.ts'
import { readRows, startDatabase, type TestDatabase } from './support/database.ts'
import { flowgateForTest } from './support/flowgate.ts'
import { ids, type LangBuilder, langbuilderSql, langbuilders } from './support/langbuilder.ts'
import { signIn } from './support/world.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())
beforeEach(() => database.reset())

const head = revisions.at(-1) as Revision

describe.each(langbuilders)('LangBuilder, $origin, at $at', (langbuilder: LangBuilder) => {
  const hasRbac = langbuilder.at === 'f5fcbdff490d'
  const sql = langbuilderSql(langbuilder)

  test('is stamped at what its schema proves and brought to head', async () => {
    await database.client.executeMultiple(sql)
    const { report, refusal } = await migrate(database.open(), revisions)
    expect(refusal).toBeUndefined()
    expect(report).toMatchObject({
      found: 'unstamped',
      verdict: 'at_head',
      after: head.tag,
      alembic: langbuilder.at,
      stamped: hasRbac ? ['0000_core', '0001_rbac'] : ['0000_core'],
    })
    expect(report.proof).toMatchObject({ proven: hasRbac ? '0008_flow_folder_ids' : '0000_core' })
    const seen = await observe(database.open(), revisions)
    expect(seen.kind === 'seen' && compareSchema(head.schema, seen.schema)).toEqual([])
  })

  test('loses no row, and no row changes beyond what the revisions say', async () => {
    await database.client.executeMultiple(sql)
    const before = await readRows(database.client)
    await migrate(database.open(), revisions)
    const after = await readRows(database.client)
    for (const [table, rows] of Object.entries(before)) {
      const kept = rows
        .filter((row) => row.id !== '91'.repeat(16))
        .map((row) => adopt(table, row, hasRbac))
      expect(after[table]?.slice(0, kept.length), table).toEqual(
        kept.map((row) => expect.objectContaining(row)),
      )
    }
    expect(after.alembic_version).toEqual(before.alembic_version)
  })

  test('has complete roles, Owner grants for every owner that exists, and each Global grant once', async () => {
    await database.client.executeMultiple(sql)
    const known = await listIds()
    await migrate(database.open(), revisions)
    const { role, permission, rolepermission, userroleassignment } = await readRows(database.client)
    expect(role?.map((r) => r.name).sort()).toEqual(
      ['Admin', ...(hasRbac ? ['Auditor'] : []), 'Editor', 'Owner', 'Viewer'].sort(),
    )
    expect(permission).toHaveLength(8)
    expect(rolepermission).toHaveLength(24)
    const held = userroleassignment?.map((grant) => {
      const name = role?.find((r) => r.id === grant.role_id)?.name
      return `${String(grant.user_id).slice(0, 2)} ${name} ${grant.scope_type} ${known.includes(String(grant.scope_id)) ? String(grant.scope_id).slice(0, 2) : 'new'}`
    })
    expect(held?.sort()).toEqual(
      [
        'a1 Owner Project 51',
        hasRbac ? 'b2 Viewer Project 52' : 'b2 Owner Project 52',
        ...(hasRbac ? [] : ['b2 Owner Flow f6', 'b2 Owner Project new']),
        'c3 Owner Project 53',
        'b2 Owner Flow f3',
        ...(hasRbac ? ['b2 Viewer Global nu'] : []),
      ].sort(),
    )
  })

  // One of each age is enough here: the engine is the same, and workerd takes seconds to start.
  test.runIf((langbuilder.origin === 'fresh') === hasRbac)(
    'serves its flows from a cold Worker',
    async () => {
      const gate = await flowgateForTest({ prepare: (db) => db.executeMultiple(sql) })
      // alice is a superuser already, so none is made: reset her password to one that we know.
      await gate.db.execute(`UPDATE user SET is_superuser = 0`)
      const root = await signIn(gate)
      const { status, body } = await root.get('/api/v1/flows/')
      expect(status).toBe(200)
      expect(body).toHaveLength(6)
    },
  )
})

/** Ids of what a grant may stand on, as they are after adoption; and none. */
async function listIds(): Promise<string[]> {
  const { rows } = await database.client.execute('SELECT id FROM folder UNION SELECT id FROM flow')
  return ['null', ...rows.map((row) => String(row.id).replaceAll('-', '').toLowerCase())]
}

/**
 * What 0003 and later do to a row: ids without dashes, one's own Starter Project protected, and before RBAC a
 * flow whose project is gone moved to its author's.
 */
function adopt(
  table: string,
  row: Record<string, unknown>,
  hasRbac: boolean,
): Record<string, unknown> {
  const adopted = Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      /(^|_)id$|^created_by$/.test(column) && typeof value === 'string' && value.length === 36
        ? value.toLowerCase().replaceAll('-', '')
        : value,
    ]),
  )
  if (table === 'folder' && row.id === ids.starter && 'is_starter_project' in row)
    return { ...adopted, is_starter_project: 1 }
  if (table === 'flow' && row.name === 'orphan of a lost project' && !hasRbac)
    return { ...adopted, folder_id: expect.stringMatching(/^[0-9a-f]{32}$/) }
  return adopted
}
