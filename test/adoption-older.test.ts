// Databases older than what flowgate can prove: refused with the exact difference, repaired by adding what is
// missing, and then adopted like any other.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import type { Context } from '../src/cli/answers.ts'
import { commands } from '../src/cli/commands.ts'
import { readRows, startDatabase, type TestDatabase } from './support/database.ts'
import { createAll, langflowSql, langflows } from './support/langflow.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())
beforeEach(() => database.reset())

async function db(name: string, options: Partial<Context> = {}) {
  const command = commands[name]
  if (!command) throw new Error(`no command ${name}`)
  return command({
    db: database.open(),
    url: database.url,
    revisions,
    yes: false,
    force: undefined,
    yesIKnow: undefined,
    progress: () => {},
    ...options,
  })
}

test.each(langflows)(
  'Langflow at $at is partial, and repair adds $lacks.length columns',
  async (langflow) => {
    await database.client.executeMultiple(langflowSql(langflow))
    const before = await readRows(database.client)
    const { report, code } = await db('status')
    expect([code, report.verdict]).toEqual([20, 'partial'])
    expect(JSON.stringify(report)).toContain(`column ${langflow.lacks[0]}`)
    expect(await db('repair')).toMatchObject({ report: { kind: 'additive', towards: '0000_core' } })
    expect(await readRows(database.client)).toEqual(before)
    await db('repair', { yes: true })
    expect(await db('migrate')).toMatchObject({ code: 0 })
    const after = await readRows(database.client)
    expect(after.user?.map(({ username, password }) => [username, password])).toEqual(
      before.user?.map(({ username, password }) => [username, password]),
    )
    expect(after.flow?.map(({ name, data }) => [name, data])).toEqual(
      before.flow?.map(({ name, data }) => [name, data]),
    )
    expect(after.alembic_version).toEqual(before.alembic_version)
  },
)

test('a half-made RBAC on top of an older database is refused, and repair makes the rest of it', async () => {
  const [newest] = langflows
  if (!newest) throw new Error('no kind')
  await database.client.executeMultiple(langflowSql(newest) + createAll)
  expect(await db('migrate')).toMatchObject({ code: 20, report: { verdict: 'partial' } })
  const repair = await db('repair', { yes: true })
  expect(repair.lines.join('\n')).toContain('Adding this leads to 0001_rbac')
  expect(await db('migrate')).toMatchObject({ code: 0, report: { before: null } })
  const { rows } = await database.client.execute('SELECT name FROM role ORDER BY name')
  expect(rows.map(({ name }) => name)).toEqual(['Admin', 'Editor', 'Owner', 'Viewer'])
})
