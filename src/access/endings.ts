// What ends a credential or a grant: its row goes, with a word in the audit. What ends a credential comes last in a
// batch: with the caller's own session or key the caller is gone.
import { type SQL, sql } from '../db/sql.ts'
import { type Author, columns, grantColumns, record, teamGrantColumns } from './audit.ts'

/** Why a session ended, for the audit. */
type Reason = 'logout' | 'ended' | 'reuse' | 'password' | 'deactivation'

/** Ends the sessions `s` that meet the condition. The author is to be named by an id that outlives them. */
export const endSessions = (
  author: Author,
  reason: Reason,
  condition: SQL,
): [record: SQL, deletion: SQL] => [
  record(
    author,
    'session.delete',
    { id: sql`s.id`, before: sql`json_object('user_id', s.user_id, 'reason', ${reason})` },
    sql`FROM flowgate_session s WHERE ${condition}`,
  ),
  sql`DELETE FROM flowgate_session AS s WHERE ${condition}`,
]

/** What the audit keeps of a key `k`. */
export const keyColumns = columns(sql`k`, ['name', 'prefix', 'user_id', 'decisions'])

/** Deletes the keys `k` that meet the condition. */
export const endKeys = (author: Author, condition: SQL): [record: SQL, deletion: SQL] => [
  record(
    author,
    'apikey.delete',
    { id: sql`k.id`, before: keyColumns },
    sql`FROM apikey k WHERE ${condition}`,
  ),
  sql`DELETE FROM apikey AS k WHERE ${condition}`,
]

/** Ends the grants `g` of users that meet the condition. */
export const endOwnGrants = (author: Author, condition: SQL): [record: SQL, deletion: SQL] => [
  record(
    author,
    'grant.delete',
    { id: sql`g.id`, before: grantColumns(sql`g`) },
    sql`FROM userroleassignment g WHERE ${condition}`,
  ),
  sql`DELETE FROM userroleassignment AS g WHERE ${condition}`,
]

/** Ends the grants `g` of teams that meet the condition. */
export const endTeamGrants = (author: Author, condition: SQL): [record: SQL, deletion: SQL] => [
  record(
    author,
    'grant.delete',
    { id: sql`g.id`, before: teamGrantColumns(sql`g`) },
    sql`FROM flowgate_team_grant g WHERE ${condition}`,
  ),
  sql`DELETE FROM flowgate_team_grant AS g WHERE ${condition}`,
]
