// `npm run seed`: fills a database with a world of any size, for demos and the benchmark.
import { parseArgs } from 'node:util'
import { type Client, createClient } from '@libsql/client'
import { revisions } from '../../migrations/bundle.ts'
import { openDatabase } from '../db/client.ts'
import { hashPassword } from '../identity/passwords.ts'
import { ensureReady } from '../migrate/ready.ts'
import { makeWorld, sizeOf, type WorldPlan } from './world.ts'

const HELP = `npm run seed -- [options]

  --flows N        how many flows (default 1000)
  --projects N     how many projects (default: one per 50 flows)
  --users N        how many users, named user-0, user-1 ... (default: one per 1000 flows, at least 20)
  --data-bytes N   size of each flow's graph (default 200)
  --seed N         the same number makes the same world (default 1)
  --password TEXT  the password of every user made (default: none can log in)
  --url, --token   the database (default: LIBSQL_URL, LIBSQL_AUTH_TOKEN)

The database is brought to head first. A world is added to what is there; adding one twice fails.`

export type SeedOptions = Omit<WorldPlan, 'passwordHash'> & {
  url: string
  token?: string | undefined
  password?: string | undefined
}

/** Migrates the database and inserts the world. `report` hears how many of the rows are in. */
export async function seed(
  options: SeedOptions,
  report: (done: number, of: number) => void = () => {},
) {
  const { url, token } = options
  await ensureReady(openDatabase({ url, authToken: token }), url, revisions)
  const passwordHash = options.password ? await hashPassword(options.password) : '!'
  const plan: WorldPlan = { ...options, passwordHash }
  const client = createClient({ url, ...(token ? { authToken: token } : {}) })
  let done = 0
  const load = async () => {
    for (const { sql, rows } of makeWorld(plan)) {
      // Foreign keys are off: the world is consistent as made.
      await client.migrate([{ sql, args: [JSON.stringify(rows)] }])
      done += rows.length
      report(done, sizeOf(plan))
    }
  }
  try {
    await withoutIndexes(client, load)
  } finally {
    client.close()
  }
}

/**
 * Into empty tables rows go many times faster when the indexes are made afterwards; unique ones stay, and the one by which
 * a project's flows are counted with its first: without it each project would scan them all.
 */
async function withoutIndexes(client: Client, load: () => Promise<void>) {
  const { rows } = await client.execute(`SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND tbl_name IN ('flow', 'userroleassignment') AND sql NOT LIKE 'CREATE UNIQUE%'
      AND name <> 'ix_flow_folder_updated'
      AND NOT EXISTS (SELECT 1 FROM flow)`)
  await client.batch(
    rows.map((row) => `DROP INDEX "${row.name}"`),
    'write',
  )
  try {
    await load()
  } finally {
    for (const row of rows) await client.execute(String(row.sql))
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      flows: { type: 'string', default: '1000' },
      projects: { type: 'string' },
      users: { type: 'string' },
      'data-bytes': { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      password: { type: 'string' },
      url: { type: 'string', default: process.env.LIBSQL_URL ?? '' },
      token: { type: 'string', default: process.env.LIBSQL_AUTH_TOKEN ?? '' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(HELP)
  if (!values.url) throw new Error('no database: give --url or set LIBSQL_URL')
  const flows = whole('flows', values.flows)
  const started = Date.now()
  await seed(
    {
      url: values.url,
      token: values.token || undefined,
      password: values.password,
      seed: whole('seed', values.seed),
      flows,
      projects: whole('projects', values.projects ?? String(Math.ceil(flows / 50))),
      users: whole('users', values.users ?? String(Math.max(20, Math.ceil(flows / 1000)))),
      dataBytes: whole('data-bytes', values['data-bytes']),
      grantsPerProject: 10,
    },
    showProgress(started),
  )
  console.log(`\n${flows} flows in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`)
  return Number(text)
}

/** A bar on a terminal; elsewhere a line for every tenth. */
function showProgress(started: number) {
  let shown = -1
  return (done: number, of: number) => {
    const share = Math.min(1, done / of)
    const step = Math.floor(share * (process.stdout.isTTY ? 100 : 10))
    if (step === shown) return
    shown = step
    const bar = '#'.repeat(Math.round(share * 40)).padEnd(40, '.')
    const left = Math.round(((Date.now() - started) / 1000) * (1 / share - 1))
    process.stdout.write(
      `${process.stdout.isTTY ? '\r' : ''}[${bar}] ${Math.round(share * 100)} %, ${left} s left  ${process.stdout.isTTY ? '' : '\n'}`,
    )
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  })
}
