// `npm run demo:replicas` as somebody who tries it meets it.
import { type ChildProcess, spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'

test('npm run demo:replicas answers from both replicas, misses no own write, and leaves nothing running', async () => {
  const { code, output } = await run('--seconds', '3', '--flows', '60', '--far', '20')
  expect(output).toContain('beside primary     http://127.0.0.1:')
  expect(code).toBe(0)

  expect(lastOf(output, 'primary')).toMatchObject({ ofReplica: '-', failed: 0, missed: 0 })
  for (const name of ['replica 1', 'replica 2']) {
    const figures = lastOf(output, name)
    expect(figures).toMatchObject({ failed: 0, missed: 0 })
    expect(Number.parseInt(figures.ofReplica, 10)).toBeGreaterThan(0)
    expect(figures.looked).toBeGreaterThan(0)
    expect(Number.parseInt(figures.lag, 10)).toBeGreaterThan(0)
  }

  const all = [...output.matchAll(/sqld (\d+), workerd (\d+)$/gm)].flatMap(([, ...two]) => two)
  const pids = [...new Set(all)]
  expect(pids).toHaveLength(6)
  await expect
    .poll(() => pids.filter((pid) => isRunning(Number(pid))), { timeout: 10_000 })
    .toEqual([])
})

test('an option that makes no sense is named', async () => {
  const wrong = await run('--far', 'away')
  expect(wrong).toEqual({
    code: 1,
    output: '--far must be a whole number from 0 to 2000, not "away"\n',
  })
  const unknown = await run('--fast')
  expect([unknown.code, unknown.output]).toEqual([1, expect.stringContaining("'--fast'")])
})

/** What the last table says of a place. */
function lastOf(output: string, name: string) {
  const row = new RegExp(`^${name} {3,}\\d+ .* of \\d+$`, 'gm')
  const cells = output.match(row)?.at(-1)?.split(/ {3,}/) ?? []
  const [, perSecond, median, ofReplica = '', age, lag = '', failed, missed = ''] = cells
  const [, misses, looked] = /^(\d+) of (\d+)$/.exec(missed) ?? []
  return {
    ...{ perSecond, median, ofReplica, age, lag },
    failed: Number(failed),
    missed: Number(misses),
    looked: Number(looked),
  }
}

/** The command behind the script, without npm in between, so that its end is our own to see. */
async function run(...options: string[]) {
  const args = ['--import', 'tsx', 'src/cli/replicas/demo.ts', ...options]
  const child: ChildProcess = spawn(process.execPath, args)
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk
    })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
