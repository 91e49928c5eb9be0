// `npm start` as a newcomer meets it: from a path with spaces, twice, and after a crash.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../src/cli/sqld.ts'

test('npm start seeds a demo once, finds its data again, and leaves nothing running, even after kill -9', async () => {
  const checkout = copyCheckout()
  const port = await freePort()

  const first = start(checkout, port)
  await first.until(/Ctrl-C stops everything/)
  expect(first.output()).toMatch(/Seeding a demo world/)
  expect(first.output()).toMatch(/^vera +flowgate-demo +Viewer of one flow +Invoice extraction$/m)
  expect(first.output()).toMatch(/^nils .* no flow$/m)
  const [, url, token] =
    /curl -s '([^']+)' -H 'authorization: Bearer ([^']+)'/.exec(first.output()) ?? []
  const flows = await fetch(String(url), { headers: { authorization: `Bearer ${token}` } }).then(
    (r) => r.json(),
  )
  expect(flows).toMatchObject([{ name: 'Invoice extraction', data: null }])
  const shown = await fetch(new URL('/console/', url))
  const [, script] = /src="([^"]+)"/.exec(await shown.text()) ?? []
  expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'")
  const sent = await fetch(new URL(String(script), url))
  expect([sent.status, sent.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('javascript'),
  ])
  await sent.text()
  const secrets = readFileSync(join(checkout, '.dev.vars'), 'utf8')

  first.process.kill('SIGKILL')
  await untilFree(port)

  const second = start(checkout, port)
  await second.until(/Ctrl-C stops everything/)
  expect(second.output()).not.toMatch(/Seeding/)
  expect(second.output()).toMatch(/^vera .* Invoice extraction$/m)
  expect(readFileSync(join(checkout, '.dev.vars'), 'utf8')).toBe(secrets)

  second.process.kill('SIGINT')
  expect(await second.exitCode).toBe(0)
  await untilFree(port)
}, 180_000)

test('a taken port is a clear message', async () => {
  const port = await freePort()
  const squatter = createServer().listen(port, '127.0.0.1')
  onTestFinished(() => void squatter.close())
  const run = start(process.cwd(), port)
  expect(await run.exitCode).toBe(1)
  expect(run.output()).toContain(`Port ${port} is taken`)
})

/** What git would give a newcomer, with the installed packages, in a path with spaces. */
function copyCheckout(): string {
  const checkout = join(mkdtempSync(join(tmpdir(), 'flowgate ')), 'a checkout')
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
    .trim()
    .split('\n')
  for (const file of files.filter((name) => existsSync(name))) {
    mkdirSync(join(checkout, dirname(file)), { recursive: true })
    cpSync(file, join(checkout, file))
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(checkout, 'node_modules'))
  onTestFinished(() => rmSync(dirname(checkout), { recursive: true, force: true }))
  return checkout
}

function start(cwd: string, port: number) {
  // The command behind `npm start`, without npm in between, so that a signal reaches it.
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'src/cli/dev.ts'], {
    cwd,
    env: { ...process.env, PORT: String(port), LIBSQL_URL: undefined, SQLD_URL: undefined },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk
    })
  return {
    process: child,
    output: () => output,
    exitCode: new Promise<number | null>((resolve) => child.once('exit', resolve)),
    async until(pattern: RegExp) {
      while (!pattern.test(output)) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
  }
}

async function untilFree(port: number) {
  while (!(await isFree(port))) await new Promise((resolve) => setTimeout(resolve, 100))
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
