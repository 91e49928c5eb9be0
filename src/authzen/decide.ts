// Decisions: up to a hundred questions about anybody in one statement, answered by the predicate itself.
import { type Asking, holds, isIn, permissions, roleList, verdictOn } from '../access/predicate.ts'
import { neededFor } from '../access/subjects.ts'
import { sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { type Asker, askedAbout, requirePermitted } from './asking.ts'
import type { Question, Subject } from './questions.ts'

export type Decision = { decision: boolean; reason: string }

/** In the order asked. Throws 403 where one of them is not for the caller to ask. */
export async function decide(asker: Asker, asked: readonly Question[]): Promise<Decision[]> {
  const bySubject = new Map<string, { subject: Subject | undefined; questions: unknown[] }>()
  for (const [n, { subject, action, place }] of asked.entries()) {
    const name = JSON.stringify(subject ?? null)
    const of = bySubject.get(name) ?? { subject, questions: [] }
    const [flow, project] = place?.scope === 'Flow' ? [place.id] : [null, place?.id]
    const lists = place && action ? listsFor(place.scope, action) : []
    bySubject.set(name, of)
    of.questions.push([n, flow, project ?? null, ...lists])
  }
  const all = [...bySubject.values()]
  const { answers, caller } = await asker.ask.read(
    {
      answers: sql<Answer>`WITH ${askedAbout(
        asker,
        all.map(({ subject }) => subject),
        all.map(({ questions }) => questions),
      )}, ${lists} ${decisions}`,
    },
    ({ answers }) => answers.length > 0,
  )
  requirePermitted(answers.length > 0)
  const inOrder = new Map(answers.map((answer) => [answer.n, answer]))
  return asked.map((question, n) => toDecision(question, inOrder.get(n), caller.isAdmin))
}

type Answer = {
  n: number
  known: number
  is_active: number
  is_superuser: number
  is_admin: number
  found: number
  verdict: number
}

function toDecision(
  { subject, action, place }: Question,
  answer: Answer | undefined,
  isAdmins: boolean,
): Decision {
  const no = (reason: string) => ({ decision: false, reason })
  if (!subject || !answer?.known) return no('unknown_subject')
  if (!action) return no('unknown_action')
  if (!answer.is_active) return no('inactive')
  const said = answer.verdict % 10
  const [mayDo, mayRead] = [(said & 1) > 0, (said & 2) > 0]
  const isAllowed = Boolean(answer.is_admin) || mayDo
  if (!place || (isAllowed && !answer.found)) return no('unknown_resource')
  // Who asks about themselves must not learn from a reason what is hidden from them: it is as if it were not there.
  const isHidden = !answer.found || !mayRead
  if (!isAllowed && isHidden && !isAdmins) return no('unknown_resource')
  return { decision: isAllowed, reason: reasonOf(answer) }
}

/** As explanations have it. */
function reasonOf({ is_superuser, is_admin, verdict }: Answer): string {
  if (is_superuser) return 'superuser'
  if (is_admin) return 'global_admin'
  const deciding = ['no_grant', 'flow_grant', 'project_grant', 'global_grant']
  return deciding[Math.floor(verdict / 10)] ?? 'no_grant'
}

const scopes = ['Flow', 'Project'] as const
const held = scopes.flatMap((scope) => permissions.map((name) => ({ scope, name })))

/** Where in `held` the roles stand that the action takes: four, of which all must be held; and those that may read. */
function listsFor(scope: (typeof scopes)[number], action: Parameters<typeof neededFor>[0]) {
  const needed = neededFor(action)
  return [...permissions.map((_, n) => needed[n] ?? action), 'Read'].map((name) =>
    held.findIndex((one) => one.scope === scope && one.name === name),
  )
}

/** SQL: a CTE: a subquery for every permission at every scope would be planned as often as it is named. */
const lists = sql`lists(held) AS MATERIALIZED (SELECT json_array(${sql.join(
  held.map(({ scope, name }) => roleList(name, scope)),
  sql`, `,
)}))`

const column = (name: string, n: number) =>
  sql`q.value ->> ${sql.raw(String(n))} AS ${sql.raw(name)}`
/** SQL: those of the n-th of `listsFor` are among the roles. */
const have = (n: number) =>
  sql`max(${isIn(sql`lists.held ->> (q.value ->> ${sql.raw(String(n + 3))})`)})`
const who: Asking = {
  id: sql`s.id`,
  team: sql`s.team_id`,
  isAdmin: sql`s.is_admin`,
  now,
  inTeams: sql`s.in_teams`,
  holds,
  // 1 for what is asked, and 2 for reading.
  allows: sql`(${sql.join(
    permissions.map((_, n) => have(n)),
    sql` AND `,
  )}) + 2 * ${have(permissions.length)}`,
}
const [flow, project] = [sql`(q.value ->> 1)`, sql`(q.value ->> 2)`]

/** SQL: a row for each question of each subject. What an admin may is not asked of their grants. */
const decisions = sql`SELECT ${column('n', 0)}, s.id IS NOT NULL OR s.team_id IS NOT NULL AS known, s.is_active, s.is_superuser, s.is_admin,
    f.id IS NOT NULL OR p.id IS NOT NULL AS found,
    CASE WHEN s.is_active AND NOT s.is_admin THEN ${verdictOn('Read', flow, sql`coalesce(f.folder_id, ${project})`, who)} ELSE 0 END AS verdict
  FROM lists CROSS JOIN subject s CROSS JOIN json_each(s.questions) q
  LEFT JOIN flow f ON f.id BETWEEN ${flow} AND ${flow} LEFT JOIN folder p ON p.id = ${project}`
