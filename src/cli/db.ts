// `npm run db -- <command>`: the engine by hand, with the Worker's own code and verdicts.
import { parseArgs } from 'node:util'
import { revisions } from '../../migrations/bundle.ts'
import { openDatabase } from '../db/client.ts'
import { DatabaseError } from '../db/database-error.ts'
import { codeOf } from '../db/failures.ts'
import { faultOf } from '../db/faults.ts'
import { exitCodes } from '../migrate/verdicts.ts'
import type { Command } from './answers.ts'
import { commands } from './commands.ts'
import { findConnection } from './connection.ts'

const HELP = `Usage: npm run db -- <command> [options]

  status    what the database is, and what would be done about it
  plan      the exact SQL that migrate would send, request by request; writes nothing
  migrate   stamp what is proven and apply the rest, as a cold Worker does
  stamp     record what is proven, run nothing
  check     compare the schema with head; exit code 1 where it differs
  repair    add what is missing where that alone leads to a known revision; writes only with --yes
  backup FILE   everything as one SQLite file, through the server, as of one moment; checked
  restore FILE  a backup into an empty database, through the server; stop the Workers first
  unlock    end whatever lease is held and forget a recorded failure; always safe

Options
  --url <url>          the database; else LIBSQL_URL, else .dev.vars
  --token <token>      its token; else LIBSQL_AUTH_TOKEN, else .dev.vars
  --json               one JSON object on stdout, nothing else
  --yes                repair: do it; backup: replace FILE; restore: beside what is there
  --force <revision>   stamp: make the ledger say this revision, proven or not; asks for its name typed back,
  --yes-i-know <revision>   or takes it from here (needed where there is no terminal)
  --help

Exit codes of status, migrate and stamp: 0 at head or ahead, 10 empty, 11 behind, 12 unstamped, 20 partial,
21 drifted, 22 diverged, 23 tampered, 30 held, 31 failed recently, 40 unknown. 2: the command was not understood.`

const takesFile = ['backup', 'restore']

/** Whoever runs a command may wait for an index of a very large table, in a quiet window. */
const aPersonsPatience = { requestMs: 60_000, stepMs: 3_600_000 }

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      json: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      force: { type: 'string' },
      'yes-i-know': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const [name = '', ...rest] = positionals
  if (values.help) return say(HELP, 0)
  const command: Command | undefined = commands[name]
  if (!command || rest.length !== (takesFile.includes(name) ? 1 : 0)) return say(HELP, 2)
  const { url, token, force, json, yes } = values
  const connection = findConnection({ ...(url ? { url } : {}), ...(token ? { token } : {}) })
  const { code, report, lines } = await command({
    db: openDatabase({ ...connection, limits: aPersonsPatience }),
    url: connection.url,
    token: connection.authToken,
    file: rest[0],
    revisions,
    yes,
    force,
    yesIKnow: values['yes-i-know'],
    // Progress goes to stderr, so that stdout stays one answer.
    progress: (line) => console.error(line),
  })
  return say(json ? JSON.stringify(report) : lines.join('\n'), code)
}

function say(text: string, code: number): number {
  if (code === 2) console.error(text)
  else console.log(text)
  return code
}

/** What was tried, and what came in between: a fault of the database in its own words and code, never the driver's. */
function toMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined && !(error instanceof DatabaseError))
    return `${error.message}: ${toMessage(error.cause)}`
  const fault = faultOf(error)
  return fault ? `${fault.detail} (${codeOf(error)})` : error.message
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(toMessage(error))
    process.exitCode = faultOf(error) ? exitCodes.unknown : 2
  },
)
