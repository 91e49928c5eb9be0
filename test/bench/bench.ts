// `npm run bench`: which measurement, of what size.
import { parseArgs } from 'node:util'
import { benchConsole } from './console.ts'
import { benchListing } from './listing.ts'
import { benchMigrate } from './migrate.ts'
import { kinds } from './old-worlds.ts'
import { benchPeers } from './peers/peers.ts'
import { benchReplicas } from './replicas.ts'
import { benchStampede } from './stampede.ts'
import { benchWorlds } from './worlds.ts'

const HELP = `npm run bench -- [options]                     listings and checks among many flows
npm run bench -- --worlds [options]            headers alone: among few and many flows, small and large
                                               graphs (a listing's run ends with it)
npm run bench -- --peers [options]             headers beside Postgres: a function made for them, and row-level security
npm run bench -- --migrate [options]           old databases brought to head in a running system
npm run bench -- --replicas [options]          far from the primary and near a replica, and what replicas take off it
npm run bench -- --console [options]           the console in Chromium
npm run bench -- --stampede [options]          many cold isolates, ten requests each, at once

Real sqld, real workerd processes, the built bundle. Everything is on loopback and ends by itself.

  --flows N                how many flows (default 1000000; of a stampede 50000, of
                           replicas 20000)
  --out DIR                also writes the tables and figures there (test/bench/results)
  --data DIR               keeps the seeded databases there, to be used again (default: the system's
                           temporary directory). --migrate needs room for four databases of N flows.
listings, --worlds, --peers, --replicas, --console
  --rounds N               how often each request is timed (default 40; of --worlds 150, of --peers and
                           --replicas 25, of --console 5 visits). --worlds needs room for 2 GB of graphs beside the flows.
  --json FILE              the figures as JSON
--migrate
  --isolates N             workerd processes, started cold at once (default 4)
  --writer                 beside an ordinary client that writes five times a second
  --kind KIND              only ${Object.keys(kinds).join(', ')} (default: one after another)
  --checkpoint-seconds N   of sqld (default 600: none is met); 0: sqld's own, made by its writers
  --limit SECONDS          of each run, of which a kind has two (default 600)
--stampede
  --isolates N             workerd processes (default 10)
  --limit SECONDS          for everybody to get through (default 300)`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      flows: { type: 'string' },
      out: { type: 'string' },
      data: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'string' },
      peers: { type: 'boolean', default: false },
      worlds: { type: 'boolean', default: false },
      migrate: { type: 'boolean', default: false },
      replicas: { type: 'boolean', default: false },
      console: { type: 'boolean', default: false },
      stampede: { type: 'boolean', default: false },
      isolates: { type: 'string' },
      writer: { type: 'boolean', default: false },
      kind: { type: 'string' },
      'checkpoint-seconds': { type: 'string' },
      limit: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { out, data, json, writer } = values
  if (values.help) return console.log(HELP)
  if (values.stampede)
    return benchStampede({
      flows: whole('flows', values.flows ?? '50000'),
      isolates: whole('isolates', values.isolates ?? '10'),
      limitS: whole('limit', values.limit ?? '300'),
      out,
    })
  if (values.replicas)
    return benchReplicas({
      flows: whole('flows', values.flows ?? '20000'),
      rounds: whole('rounds', values.rounds ?? '25'),
      out,
    })
  const flows = whole('flows', values.flows ?? '1000000')
  if (!values.migrate) {
    const rounds = (usual: string) => whole('rounds', values.rounds ?? usual)
    if (values.console) return benchConsole({ flows, rounds: rounds('5'), data, out })
    if (values.peers) return benchPeers({ flows, rounds: rounds('25'), data, out })
    if (!values.worlds) await benchListing({ flows, rounds: rounds('40'), data, json, out })
    return benchWorlds({ flows, rounds: rounds('150'), data, out })
  }
  const seconds = values['checkpoint-seconds']
  return benchMigrate({
    flows,
    isolates: whole('isolates', values.isolates ?? '4'),
    writer,
    data,
    only: values.kind,
    limitS: whole('limit', values.limit ?? '600'),
    checkpointSeconds: seconds === undefined ? undefined : whole('checkpoint-seconds', seconds),
    out,
  })
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`)
  return Number(text)
}

main().then(
  // What hangs must not keep the process: everything that was started is stopped by now.
  () => process.exit(),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
