// A write that may be repeated: whatever happens to its answer, it is done once. The key is claimed in
// the transaction of the write, so that of two requests with one key the second meets the claim of the
// first; what the answer is made of is kept in the same transaction, and a repeat makes the answer of it.
import type { Results, Rows, Statements, Taken } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { SQL, sql } from '../db/sql.ts'
import { withoutBlob } from '../db/values.ts'
import { ApiError } from '../errors.ts'

/** A request by its HMACs. */
type Fingerprint = { readonly keyHash: string; readonly requestHash: string }

/**
 * A request that may be repeated; `before` is what it was known by under the secret before this one,
 * `replayed` is set once its answer is that of an earlier one.
 */
export type Once = Fingerprint & { readonly before: readonly Fingerprint[]; replayed: boolean }

/** `made` are the rows that the answer is made of; none where the request was refused. */
export type Making = Statements & { readonly made: SQL }

/** The columns of `made` that the answer shows and the request does not bring along. */
export type Kept = readonly string[]

/** A longer answer is not kept: a repeat is told so, and still makes nothing. */
const MAX_ANSWER_BYTES = 1_000_000

/** Rows that one write sweeps. It adds one itself, so that old ones do not outnumber new ones for long. */
const SWEPT_AT_ONCE = 100

/** What is older does not count any more. */
const expired = sql`at < strftime('%Y-%m-%d %H:%M:%f000', 'now', '-1 day')`

class Repeated extends Error {}

/** `read` and `write` in somebody's name: those of an ask, or of a database where nobody is signed in. */
type Door = {
  read<S extends Statements>(statements: S): Promise<Rows<S>>
  write<S extends Statements>(statements: S, taken?: Taken): Promise<Results<S>>
}

/**
 * Writes, or finds what an earlier request with this key made: then only `made` has rows. `callerId` is
 * SQL, NULL for nobody. Throws 422 where the key was used for another request.
 */
export async function writeOnce<S extends Making>(
  door: Door,
  once: Once,
  callerId: SQL,
  statements: S,
  kept: Kept,
  taken: Taken = {},
): Promise<Results<S>> {
  const batch = {
    claim: claim(once, callerId),
    ...statements,
    keep: keep(once, callerId, statements.made, kept),
  }
  const claimed = { 'flowgate_idempotency.key_hash': () => new Repeated() }
  try {
    return await door.write<S>(batch, { ...claimed, ...taken })
  } catch (error) {
    if (!(error instanceof Repeated)) throw error
  }
  const { found, ...rest } = await door.read({
    found: sql<{ request_hash: string; answer: string | null }>`SELECT request_hash, answer
      FROM flowgate_idempotency WHERE ${isOf(once, callerId)}`,
  })
  const [first] = found
  // Swept in between: it counts no more.
  if (!first) return writeOnce(door, once, callerId, statements, kept, taken)
  return { ...rest, ...replay(once, first, statements) }
}

const isOf = ({ keyHash, before }: Once, callerId: SQL) =>
  sql`caller_id = ${callerId} AND key_hash IN (${sql.join(
    [keyHash, ...before.map((one) => one.keyHash)].map((hash) => sql`${hash}`),
    sql`, `,
  )})`

/** Comes first, so that no other constraint of the write is asked before. A stranger claims nothing. */
const claim = (once: Once, callerId: SQL): SQL[] => [
  sql`DELETE FROM flowgate_idempotency WHERE rowid IN (
    SELECT rowid FROM flowgate_idempotency WHERE ${expired} ORDER BY at LIMIT ${SWEPT_AT_ONCE})`,
  sql`DELETE FROM flowgate_idempotency WHERE ${isOf(once, callerId)} AND ${expired}`,
  sql`INSERT INTO flowgate_idempotency (caller_id, key_hash, request_hash, at)
    SELECT x.id, ${claimed(once)}, ${once.requestHash}, strftime('%Y-%m-%d %H:%M:%f000', 'now')
    FROM (SELECT ${callerId} AS id) x WHERE x.id IS NOT NULL`,
]

/** SQL: the name under which the request is claimed: one that it was claimed by before its secret was replaced, so that the two collide. */
const claimed = ({ keyHash, before }: Once) =>
  before.reduce(
    (otherwise, { keyHash }) => sql`coalesce((SELECT o.key_hash FROM flowgate_idempotency o
      WHERE o.caller_id = x.id AND o.key_hash = ${keyHash}), ${otherwise})`,
    sql`${keyHash}`,
  )

/** Comes last. The LIMIT has SQLite keep the order of the rows; what made nothing leaves no claim. */
function keep(once: Once, callerId: SQL, made: SQL, kept: Kept): SQL[] {
  const pairs = kept.map((name) => sql`${name}, ${withoutBlob(sql`made.${sql.identifier(name)}`)}`)
  return [
    sql`UPDATE flowgate_idempotency SET answer = (
      SELECT CASE WHEN octet_length(x.answer) <= ${MAX_ANSWER_BYTES} THEN x.answer END
      FROM (SELECT json_group_array(json_object(${sql.join(pairs, sql`, `)})) AS answer
        FROM (${made} LIMIT -1) made) x) WHERE ${isOf(once, callerId)}`,
    sql`DELETE FROM flowgate_idempotency WHERE ${isOf(once, callerId)} AND answer = '[]'`,
  ]
}

function replay<S extends Making>(
  once: Once,
  first: { request_hash: string; answer: string | null },
  statements: S,
): Results<S> {
  const known = [once, ...once.before].some((one) => one.requestHash === first.request_hash)
  if (!known) throw misused('was used for another request')
  if (first.answer === null)
    throw new ApiError(
      'conflict',
      'This request was done before, and nothing was made again. Its answer was too large to be kept: list what it made.',
    )
  once.replayed = true
  const nothing = Object.entries(statements)
    .filter(([, some]) => some instanceof SQL)
    .map(([name]) => [name, { rows: [], rowsAffected: 0 }])
  const made = { rows: JSON.parse(first.answer) as Row[], rowsAffected: 0 } // our own text
  return { ...Object.fromEntries(nothing), made }
}

/** The 422 that names the header. */
export const misused = (what: string) =>
  new ApiError('invalid', [
    {
      type: 'idempotency_key',
      loc: ['header', 'Idempotency-Key'],
      msg: `The Idempotency-Key ${what}`,
    },
  ])
