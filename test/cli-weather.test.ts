// The commands as a person runs them, against a database that says no or is none: one clear line, an exit
// code, never a stack.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createClient } from '@libsql/client'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { commands } from '../src/cli/commands.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { openDatabase } from '../src/db/client.ts'
import { migrate } from '../src/migrate/run.ts'
import { langbuilderSql } from './support/langbuilder.ts'
import { type Fate, startProxy } from './support/proxy.ts'
import { forTest, startRuledSqld, startTokenSqld } from './support/sqlds.ts'

/** An empty one: the database is asked before it is read or written. */
const takesFile = ['backup', 'restore']
const someFile = join(mkdtempSync(join(tmpdir(), 'flowgate-')), 'some.db')
writeFileSync(someFile, '')
afterAll(() => rmSync(dirname(someFile), { recursive: true, force: true }))

function run(command: string, url: string, token = 'x') {
  const [name = '', ...options] = command.split(' ')
  const file = takesFile.includes(name) ? [someFile] : []
  const target = ['--yes', '--url', url, '--token', token]
  const args = ['--import', 'tsx', 'src/cli/db.ts', name, ...options, ...file, ...target]
  return new Promise<{ code: number; said: string }>((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    )
  })
}

const every = Object.keys(commands)
const weather: [what: string, fate: Fate, told: RegExp, names: string[]][] = [
  ['refuses the token', { status: 401 }, /refuses the token/, every],
  ['answers HTML', { type: 'text/html', body: '<html>' }, /cannot be r/, ['migrate', 'unlock']],
  ['is lost', 'lost', /cannot be r/, ['migrate']],
]

test.each(weather)('a database that %s is told as that', async (_, fate, told, names) => {
  const proxy = await startProxy((await forTest(startSqld)).url)
  onTestFinished(() => proxy.stop())
  proxy.decide(() => fate)
  for (const name of names) {
    const { code, said } = await run(name, proxy.url)
    expect([name, code]).toEqual([name, 40])
    expect(said, name).toMatch(told)
    expect(said, name).not.toMatch(/^\s+at /m)
  }
})

const writing = ['migrate', 'stamp', 'stamp --force 0001_rbac --yes-i-know 0001_rbac']
type Forbidding = { url: string; reader?: string; forbid?: () => Promise<void> }
const moods: [what: string, told: RegExp, writing: string[], serve: () => Promise<Forbidding>][] = [
  [
    'is full',
    /The database is full/,
    // Before it is full, what fits is written.
    ['migrate'],
    async () => {
      const sqld = await forTest((directory) => startRuledSqld(directory, {}))
      return { url: sqld.url, forbid: () => sqld.rule({ max_db_size: '200kb' }) }
    },
  ],
  [
    'is blocked',
    /The database has been blocked/,
    writing,
    async () => {
      const sqld = await forTest((directory) => startRuledSqld(directory, {}))
      return { url: sqld.url, forbid: () => sqld.rule({ block_writes: true }) }
    },
  ],
  [
    'may only be read',
    /The database takes no writes/,
    writing,
    async () => {
      const sqld = await forTest(startTokenSqld)
      const writer = createClient({ url: sqld.url, authToken: sqld.token('rw') })
      await writer.executeMultiple(old)
      return { url: sqld.url, reader: sqld.token('ro') }
    },
  ],
]
const old = langbuilderSql({ origin: 'migrated', at: '3162e83e485f' })

test.each(moods)(
  'a database that %s is told as that by what writes; the rest goes on',
  async (_, told, commands, serve) => {
    const { url, reader, forbid } = await serve()
    if (forbid) await createClient({ url }).executeMultiple(old)
    await forbid?.()
    for (const command of commands) {
      const { code, said } = await run(command, url, reader)
      expect([command, code], said).toEqual([command, 40])
      expect(said, command).toMatch(told)
      expect(said, command).not.toMatch(/^\s+at /m)
    }
    // Behind or unstamped; and not held by the run that found it full.
    expect([11, 12]).toContain((await run('status', url, reader)).code)
    expect(await run('backup', url, reader)).toMatchObject({ code: 0 })
  },
)

test('a write that the database forbids is told in one line', async () => {
  const proxy = await startProxy((await forTest(startSqld)).url)
  onTestFinished(() => proxy.stop())
  await migrate(openDatabase({ url: proxy.url }), revisions)
  proxy.reset()
  const refusal = { status: 403, body: '{"error":"no Write permission to namespace"}' }
  proxy.decide((k) => (k === 1 ? 'forward' : refusal))
  const { code, said } = await run('unlock', proxy.url)
  expect(code).toBe(40)
  expect(said).toMatch(/^The database takes no writes .*\n$/)
})
