// Grants of both kinds as rows `s`, with the names that go with them, in the order in which they were made.
import { allGrants, grantsHeld, wholeGrant } from '../access/grants.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'

const named = (grants: SQL, more: SQL) => sql`SELECT s.*, s.team_id IS NOT NULL AS is_team,
    r.name AS role, u.username, t.name AS team, b.username AS by_username ${more}
  FROM (SELECT a.* ${grants}) s JOIN role r ON r.id = s.role_id LEFT JOIN user u ON u.id = s.user_id
  LEFT JOIN flowgate_team t ON t.id = s.team_id LEFT JOIN user b ON b.id = s.created_by`

/** SQL: all grants `a` like this; `more` are columns over `s`. */
export const shareRows = (condition: SQL, more: SQL = sql``, ofUsers = condition) =>
  named(allGrants(condition, ofUsers), more)

/** SQL: of these the ones that a user holds, by themselves or through a team. */
export const sharesHeld = (userId: SQL, condition: SQL, more: SQL) =>
  named(grantsHeld(userId, condition, { columns: wholeGrant }), more)

/** SQL boolean: it comes after this row, which a slice ended with. */
export const after = (row: Row | undefined) =>
  sql`(s.team_id IS NOT NULL, s.place) > (${row?.is_team ?? 0}, ${row?.place ?? 0})`
export const inOrder = sql`ORDER BY is_team, place`
/** SQL over such a row: the bytes of its texts. */
export const shareBytes = sql`octet_length(concat(role, username, team, by_username)) + 800`
