// The commands as a person runs them, against a database that says no or is none: one clear line, an exit
// code, never a stack.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { revisions } from '../migrations/bundle.ts'
import { commands } from '../src/cli/commands.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { openDatabase } from '../src/db/client.ts'
import { migrate } from '../src/migrate/run.ts'
import { type Fate, startProxy } from './support/proxy.ts'
import { forTest } from './support/sqlds.ts'

/** An empty one: the database is asked before it is read or written. */
const takesFile = ['backup', 'restore']
const someFile = join(mkdtempSync(join(tmpdir(), 'flowgate-')), 'some.db')
writeFileSync(someFile, '')
afterAll(() => rmSync(dirname(someFile), { recursive: true, force: true }))

function run(command: string, url: string) {
  const file = takesFile.includes(command) ? [someFile] : []
  const args = [
    '--import',
    'tsx',
    'src/cli/db.ts',
    command,
    ...file,
    '--yes',
    '--url',
    url,
    '--token',
    'x',
  ]
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
