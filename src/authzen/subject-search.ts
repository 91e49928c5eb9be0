// Who may do it? Not everybody is asked: whoever may is a superuser or holds a grant that has a say there, alone or in a
// team. These are walked in the order of indexes, so many for a page, and the predicate is asked about each.
import type { Place } from '../access/decision.ts'
import { atFlow, atGlobal, atProject, mayFlow } from '../access/predicate.ts'
import { type Action, asSubject, rolesFor, subjectColumns } from '../access/subjects.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { type Asker, arePermitted, mayAskAboutAll, requirePermitted } from './asking.ts'

/**
 * Where a page begins: superusers by id (0), users' own grants on the flow (1), the project (2) and Global (3) by rowid, and
 * members of teams (4) by team and user. Of teams themselves, which come by id, only the last.
 */
export type At = readonly [kind: number, place: number | string, member: string]
export const START: At = [0, '', '']

/** Those who were looked at, in order; `shown` are they who may, each at the first place where they are met. */
type Candidate = { kind: number; place: number | string; member: string; id: string; shown: number }

/** Throws 403 for whoever may not ask about everybody. */
export async function lookAtSubjects(
  asker: Asker,
  { kind, action, place }: { kind: 'user' | 'team'; action: Action; place: Place },
  from: At,
  count: number,
): Promise<Candidate[]> {
  const rows = kind === 'user' ? usersFrom(from, count) : teamsFrom(from, count)
  const { verdicts, candidates } = await asker.ask.read(
    {
      verdicts: sql<{ permitted: number }>`SELECT ${mayAskAboutAll(asker)} AS permitted`,
      candidates: sql<Candidate & Row>`WITH ${spot(place, sql`${mayAskAboutAll(asker)}`)},
      ${rows},
      subject AS MATERIALIZED (SELECT c.kind, c.place, c.member, ${subjectColumns} ${rolesFor(action, place.scope)}
        FROM candidate c LEFT JOIN user u ON ${kind === 'user'} AND u.id = c.subject
        LEFT JOIN flowgate_team t ON ${kind === 'team'} AND t.id = c.subject)
      SELECT kind, s.place, member, coalesce(s.id, s.team_id) AS id,
        coalesce(is_active AND ${kind === 'user' ? isFirst : sql`1`} AND ${may(action)}, 0) AS shown
      FROM subject s CROSS JOIN spot`,
    },
    arePermitted,
  )
  requirePermitted(verdicts[0]?.permitted)
  return candidates.sort(inOrder)
}

/** Of one kind all places are numbers, or all are ids. */
function inOrder(a: Candidate, b: Candidate): number {
  if (a.kind !== b.kind) return a.kind - b.kind
  if (a.place !== b.place) return a.place < b.place ? -1 : 1
  return a.member < b.member ? -1 : 1
}

const may = (action: Action) =>
  mayFlow('Read', sql`spot.flow`, sql`spot.project`, asSubject(sql`s`, action))

/** SQL: the CTE `spot(flow, project)`, or no row where it is not there or the caller may not ask. */
const spot = ({ scope, id }: Place, permitted: SQL) =>
  scope === 'Flow'
    ? sql`spot(flow, project) AS MATERIALIZED (SELECT f.id, f.folder_id FROM flow f WHERE f.id BETWEEN ${id} AND ${id} AND ${permitted})`
    : sql`spot(flow, project) AS MATERIALIZED (SELECT NULL, p.id FROM folder p WHERE p.id = ${id} AND ${permitted})`

const [onFlow, onProject] = [atFlow(sql`spot.flow`), atProject(sql`spot.project`)]
const places = [onFlow, onProject, atGlobal]

/** SQL: a CTE `candidate(kind, place, member, subject)`, at most so many. */
function usersFrom([kind, place, member]: At, count: number): SQL {
  const after = (n: number) => (kind === n ? place : n === 0 ? '' : 0)
  const own = places.map(
    (
      there,
      n,
    ) => sql`SELECT * FROM (SELECT ${n + 1}, a.rowid, '', a.user_id FROM spot CROSS JOIN userroleassignment a
      WHERE ${kind <= n + 1} AND ${there} AND a.rowid > ${after(n + 1)} ORDER BY a.rowid LIMIT ${count})`,
  )
  return sql`${members(kind === 4 ? [place, member] : ['', ''], count)},
    candidate(kind, place, member, subject) AS MATERIALIZED (
      SELECT * FROM (SELECT 0, u.id, '', u.id FROM spot CROSS JOIN user u WHERE ${kind === 0} AND u.is_superuser AND u.id > ${after(0)} ORDER BY u.id LIMIT ${count})
      UNION ALL ${sql.join(own, sql` UNION ALL `)}
      UNION ALL SELECT 4, team, user, user FROM walk WHERE n > 0 AND team IS NOT NULL LIMIT ${count})`
}

const teamsFrom = ([, place]: At, count: number): SQL =>
  sql`walk(team) AS (SELECT ${nextTeam(sql`${place}`)} FROM spot UNION ALL SELECT ${nextTeam(sql`walk.team`)} FROM walk CROSS JOIN spot
      WHERE walk.team IS NOT NULL LIMIT ${count + 1}),
    candidate(kind, place, member, subject) AS MATERIALIZED (SELECT 4, team, '', team FROM walk WHERE team IS NOT NULL LIMIT ${count})`

const nextMember = sql`(SELECT min(m.user_id) FROM flowgate_team_member m WHERE m.team_id = walk.team AND m.user_id > walk.user)`

/** SQL: the CTE `walk(n, team, user)`: the members of one team after the other, '' where a team begins; first where it starts. */
const members = ([team, user]: readonly (number | string)[], count: number): SQL =>
  sql`walk(n, team, user) AS (SELECT 0, ${team ?? ''}, ${user ?? ''} FROM spot UNION ALL
    SELECT n + 1, iif(${nextMember} IS NULL, ${nextTeam(sql`walk.team`)}, walk.team), coalesce(${nextMember}, '')
      FROM walk CROSS JOIN spot WHERE walk.team IS NOT NULL LIMIT ${count + 1})`

/** SQL: the next team with a grant there, in the order of an index. */
const nextTeam = (after: SQL): SQL =>
  sql`(SELECT min(x.team_id) FROM (${sql.join(
    places.map(
      (there) =>
        sql`SELECT min(a.team_id) AS team_id FROM flowgate_team_grant a WHERE ${there} AND a.team_id > ${after}`,
    ),
    sql` UNION ALL `,
  )}) x)`

/** SQL boolean: nothing before this led to the user `s`. */
const isFirst = sql`(s.kind = 0 OR NOT s.is_superuser AND NOT (${sql.join(
  places.map(
    (there, n) => sql`EXISTS (SELECT 1 FROM userroleassignment a WHERE a.user_id = s.id AND ${there}
      AND (${n + 1}, a.rowid) < (s.kind, s.place))`,
  ),
  sql` OR `,
)} OR s.kind = 4 AND EXISTS (SELECT 1 FROM flowgate_team_member m WHERE m.user_id = s.id AND m.team_id < s.place AND (${sql.join(
  places.map(
    (there) =>
      sql`EXISTS (SELECT 1 FROM flowgate_team_grant a WHERE a.team_id = m.team_id AND ${there})`,
  ),
  sql` OR `,
)}))))`
