// What our objects do is proven, not what they are called: a trigger by its body, a unique index by its collation,
// a table by what becomes of a conflict.
import { expect, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import type { Context } from '../src/cli/answers.ts'
import { commands } from '../src/cli/commands.ts'
import { openDatabase } from '../src/db/client.ts'
import { headOf } from '../src/migrate/revision.ts'
import { migrateTo, tags } from './support/databases.ts'
import { databaseForFile, expectRefused, expectServed, start, verdicts } from './support/starts.ts'

const server = databaseForFile()

const HEAD = tags().length
const head = headOf(revisions).schema
const triggers = Object.values(head).flatMap((table) => table.triggers.map(({ name }) => name))

async function db(name: string, options: Partial<Context> = {}) {
  const { url } = server.now
  const fixed = { db: openDatabase({ url }), url, revisions, yes: false, progress: () => {} }
  const answer = await commands[name]?.({
    force: undefined,
    yesIKnow: undefined,
    ...fixed,
    ...options,
  })
  if (!answer) throw new Error(`no command ${name}`)
  return answer
}

async function definitionOf(name: string): Promise<string> {
  const { rows } = await server.now.client.execute({
    sql: 'SELECT sql FROM sqlite_master WHERE name = ?',
    args: [name],
  })
  return String(rows[0]?.sql)
}

const changes: [how: string, change: (sql: string) => string[]][] = [
  ['altered', (sql) => [sql.replace(/END\s*;?\s*$/i, 'SELECT 1; END')]],
  [
    'made to fire less often',
    (sql) => [
      /\bWHEN\b[^;]*?\bBEGIN\b/.test(sql)
        ? sql.replace(/\bWHEN\b/, 'WHEN 0 AND')
        : sql.replace(/\bBEGIN\b/, 'WHEN 0 BEGIN'),
    ],
  ],
  ['dropped', () => []],
]

test.each(changes)(
  'each trigger of ours that is %s is named, and put back by repair',
  async (_, change) => {
    expect(triggers.length).toBeGreaterThanOrEqual(6)
    await migrateTo(server.now.url, HEAD)
    for (const name of triggers) {
      const sql = await definitionOf(name)
      const changed = change(sql)
      expect(changed, name).not.toContain(sql)
      await server.now.client.migrate([`DROP TRIGGER ${name}`, ...changed])
      await expectRefused(server.now, 'schema_drifted', `trigger ${name} is`)
      expect(await db('check'), name).toMatchObject({
        code: 1,
        report: { differences: [{ object: `trigger ${name}` }] },
      })
      const repaired = await db('repair', { yes: true })
      expect([name, repaired.code, repaired.report.verdict]).toEqual([name, 0, 'at_head'])
      expect(await definitionOf(name)).toBe(sql)
      expect(verdicts(await start(server.now.url))).toEqual(['at_head', 'at_head'])
    }
  },
)

test('a trigger that reads differently and does the same is ours', async () => {
  await migrateTo(server.now.url, HEAD)
  for (const name of triggers) {
    const sql = await definitionOf(name)
    const restyled = sql.replace(/\bBEGIN\b/, '\n /* theirs */ BEGIN -- hello\n')
    await server.now.client.migrate([`DROP TRIGGER ${name}`, restyled])
  }
  expect(verdicts(await start(server.now.url))).toEqual(['at_head', 'at_head'])
})

const uniques = Object.entries(head).flatMap(([table, { indexes }]) =>
  indexes
    .filter(({ unique, name }) => unique && !name.startsWith('sqlite_'))
    .map(({ name, columns }) => ({
      table,
      name,
      subject: `unique ${table}(${columns.join(', ')})`,
    })),
)

test.each([
  ['collates otherwise', (sql: string) => sql.replace(/\(\s*(`?"?\w+`?"?)/, '($1 COLLATE NOCASE')],
  [
    'holds for fewer rows',
    (sql: string) => `${sql}${/\bWHERE\b/i.test(sql) ? ' AND' : ' WHERE'} rowid > 5`,
  ],
  ['is unique no more', (sql: string) => sql.replace(/UNIQUE /i, '')],
])('a unique index of ours that %s is named, whichever it is', async (_, change) => {
  expect(uniques.length).toBeGreaterThanOrEqual(8)
  await migrateTo(server.now.url, HEAD)
  for (const { name, subject } of uniques) {
    const sql = await definitionOf(name)
    const changed = change(sql)
    expect(changed, name).not.toBe(sql)
    await server.now.client.migrate([`DROP INDEX ${name}`, changed])
    await expectRefused(server.now, 'schema_drifted', `${subject} is missing`)
    await server.now.client.migrate([`DROP INDEX ${name}`, sql])
  }
  expect(verdicts(await start(server.now.url))).toEqual(['at_head', 'at_head'])
})

const inPlaceOf = async (text: string, replacement: string) => {
  const sql = revisions[0].statements.map((statement) => statement.replace(text, replacement))
  expect(sql.join()).toContain(replacement)
  await server.now.client.migrate(sql)
}

test.each(['REPLACE', 'IGNORE', 'FAIL', 'ROLLBACK'])(
  'a table of ours that does ON CONFLICT %s is refused by name',
  async (how) => {
    await inPlaceOf(
      '`fs_path` VARCHAR,',
      `\`fs_path\` VARCHAR, UNIQUE (\`user_id\`, \`name\`) ON CONFLICT ${how},`,
    )
    await expectRefused(server.now, 'schema_partial', `conflict clause flow ON CONFLICT ${how}`)
  },
)

test('a primary key that replaces is refused by name; text that only reads so is not', async () => {
  await inPlaceOf(
    '`id` CHAR(32) PRIMARY KEY NOT NULL',
    '`id` CHAR(32) PRIMARY KEY ON CONFLICT REPLACE NOT NULL',
  )
  await expectRefused(server.now, 'schema_partial', 'ON CONFLICT REPLACE')
  await server.now.reset()
  await inPlaceOf(
    '`fs_path` VARCHAR,',
    "`fs_path` VARCHAR, `theirs` TEXT DEFAULT 'ON CONFLICT REPLACE', -- ON CONFLICT REPLACE\n",
  )
  await expectServed(server.now.url, 'unstamped')
})
