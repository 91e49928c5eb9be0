// `npm run demo:replicas`: a primary, two replicas far from it and three Workers, some traffic, and a table of what is to
// be seen of it. Everything is made anew each time, and gone at the end.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seedDemo } from '../demo.ts'
import { seed } from '../seed.ts'
import { show } from './screen.ts'
import { startReplicated } from './servers.ts'
import { startTraffic } from './traffic.ts'

const HELP = `npm run demo:replicas -- [options]

A libSQL primary and two replicas of it on loopback, a Worker beside each, listings at all three and a write every
200 ms. The Worker beside the primary is strict; those beside replicas answer from there what is at most 500 ms old.

  --far MS       round trip from the replicas and their Workers to the primary (default 80)
  --near MS      round trip from a Worker to its own server (default 5)
  --flows N      flows beside those of the demo world (default 300)
  --seconds N    ends by itself after so long (default: with Ctrl-C)`

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)))

type Options = { far: number; near: number; flows: number; seconds: number }

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      far: { type: 'string', default: '80' },
      near: { type: 'string', default: '5' },
      flows: { type: 'string', default: '300' },
      seconds: { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  return {
    far: whole('far', values.far, 2000),
    near: whole('near', values.near, 2000),
    flows: whole('flows', values.flows, 100_000),
    seconds: whole('seconds', values.seconds, 86_400),
  }
}

function whole(name: string, text: string, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= most))
    throw new Error(`--${name} must be a whole number from 0 to ${most}, not "${text}"`)
  return number
}

async function main(): Promise<void> {
  const options = readOptions()
  if (!options) return console.log(HELP)
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-replicas-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  const end = untilToldTo(options.seconds)
  console.log('Building the Worker, starting three servers and three Workers ...')
  build()
  const secret = (bytes: number) => randomBytes(bytes).toString('base64url')
  const superuser = { username: 'admin', password: secret(12) }
  const replicated = await startReplicated(directory, options, {
    SECRET_KEY: secret(48),
    SUPERUSER: superuser.username,
    SUPERUSER_PASSWORD: superuser.password,
  })
  const [first] = replicated.places
  if (!first) throw new Error('no place was started')
  await seedSome(first.database, options.flows)
  await seedDemo(first.url, superuser, join(directory, 'demo-seeded'))
  const traffic = await startTraffic(replicated.places, superuser)
  await show(replicated, traffic, end.begin())
  traffic.stop()
  await replicated.stop()
}

function build() {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const args = ['--no-warnings', wrangler, 'deploy', '--dry-run', '--outdir', 'dist/demo']
  execFileSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
  })
}

const seedSome = (url: string, flows: number) =>
  seed({ url, seed: 1, flows, projects: 20, users: 20, dataBytes: 2000, grantsPerProject: 3 })

/** Ctrl-C before the traffic ends it all at once; afterwards it, or so many seconds, end it in order. */
function untilToldTo(seconds: number) {
  let tell: () => void = () => process.exit()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => tell())
  return {
    begin: () =>
      new Promise<void>((resolve) => {
        tell = resolve
        if (seconds > 0) setTimeout(resolve, seconds * 1000)
      }),
  }
}

main().then(
  // Requests that hang must not keep the process: everything that was started is stopped by now.
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
