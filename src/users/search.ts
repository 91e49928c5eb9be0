// Finding somebody to share with, by a part of their name. Whoever hands rights on may; they learn an id and a
// name, twenty at a time, and there is no next page.
import type { Ask } from '../access/ask.ts'
import { mayGrant } from '../access/granters.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { sql } from '../db/sql.ts'
import { beginningOf } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { NAME_MAX } from '../names.ts'

const MOST = 20

/** Names that one search looks at, in the order of the index: first those that have no key of their own look. */
const LOOKED_AT = 10_000

/** The last of all characters: what begins like a text sorts before the text with it. */
const LAST = '\u{10ffff}'

/** SQL: the name of a row of `user`, as it is looked through. */
const looks = sql`CASE WHEN username_key >= '!' THEN username_key ELSE lower(CAST(username AS TEXT)) END`

/** SQL boolean over it: its name holds the key. instr(), not LIKE, which has something to escape. */
export const isNamedLike = (key: string) => sql`instr(${looks}, ${key})`

/**
 * Active users whose name holds the text, given as a key of names.ts: first those whose name begins with it, which is a
 * range of the index, then as many others as are found among LOOKED_AT names. Throws 403 for whoever may share nothing.
 */
export async function searchUsers(ask: Ask, key: string): Promise<Row[]> {
  const { verdicts, users } = await ask.read({
    verdicts: sql<{ allowed: number }>`SELECT ${mayGrant} AS allowed`,
    users: sql`WITH granter(allowed) AS MATERIALIZED (SELECT ${mayGrant}),
      beginning(rid) AS MATERIALIZED (SELECT rid FROM (SELECT rowid AS rid, is_active FROM user
          WHERE username_key >= ${key} AND username_key < ${key + LAST} ORDER BY username_key
          LIMIT CASE WHEN (SELECT allowed FROM granter) THEN ${LOOKED_AT} ELSE 0 END)
        WHERE is_active LIMIT ${MOST}),
      holding(rid) AS MATERIALIZED (SELECT rid FROM (SELECT rowid AS rid, username_key, username, is_active FROM user ORDER BY username_key
          LIMIT CASE WHEN (SELECT allowed FROM granter) AND (SELECT count(*) FROM beginning) < ${MOST} THEN ${LOOKED_AT} ELSE 0 END)
        WHERE ${isNamedLike(key)} AND is_active AND rid NOT IN (SELECT rid FROM beginning) LIMIT ${MOST})
      SELECT id, ${beginningOf(sql`username`, NAME_MAX)} AS username
      FROM (SELECT rid, 0 AS later FROM beginning UNION ALL SELECT rid, 1 FROM holding) x CROSS JOIN user u ON u.rowid = x.rid
      ORDER BY later, username_key, id LIMIT ${MOST}`,
  })
  if (one(verdicts).allowed) return users
  throw new ApiError(
    'forbidden',
    'Users are found by whoever may share: it takes everything (Create, Read, Update, Delete) on some flow or project',
  )
}
