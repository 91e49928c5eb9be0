// Who may ask about whom: about oneself anybody, about others admins, and of their keys those that are made for it.
// It stands in the statement that decides, so that nothing is looked at for anybody else.
import type { Ask } from '../access/ask.ts'
import { amAdmin, myId } from '../access/predicate.ts'
import { subjectColumns } from '../access/subjects.ts'
import { type SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import type { Credential } from '../identity/authenticate.ts'
import { asksAboutAll } from '../identity/keys.ts'
import { type Subject, toStored } from './questions.ts'

/** Of whom a request comes, and with what. */
export type Asker = { readonly ask: Ask; readonly credential: Credential }

/** SQL boolean: may they ask about everybody? A key stops with the rights of its owner. */
export const mayAskAboutAll = ({ credential: who }: Asker): SQL =>
  who.kind === 'key' ? sql`(${amAdmin} AND ${asksAboutAll(who)})` : amAdmin

/** A replica may not know yet that they may. */
export const arePermitted = ({ verdicts }: { verdicts: { permitted: unknown }[] }): boolean =>
  Boolean(verdicts[0]?.permitted)

/** Throws 403 unless the statement said that they may. */
export function requirePermitted(permitted: unknown): void {
  if (permitted) return
  throw new ApiError(
    'forbidden',
    'About others than oneself, admins ask, and with API keys that an admin made for decisions',
  )
}

/** SQL: of the JSON list `x` of `toStored`, the id of the user. */
const userNamed = sql`coalesce(x.value ->> 1, (SELECT named.id FROM user named WHERE named.username = x.value ->> 2),
  (SELECT named.id FROM user named WHERE named.username_key = x.value ->> 3))`

/**
 * SQL: the CTEs `verdict(permitted)`, and `subject`, a row of subjects.ts for each of these, known or not, if the caller may
 * ask about them all, else none. `questions` is what is asked about each.
 */
export function askedAbout(
  asker: Asker,
  subjects: readonly (Subject | undefined)[],
  questions: readonly unknown[] = [],
): SQL {
  const all = JSON.stringify(subjects.map((one, n) => [...toStored(one), questions[n]]))
  return sql`verdict(permitted) AS MATERIALIZED (SELECT ${mayAskAboutAll(asker)}
      OR NOT EXISTS (SELECT 1 FROM json_each(${all}) x WHERE x.value ->> 0 <> 'user' OR ${userNamed} IS NOT ${myId})),
    subject AS MATERIALIZED (SELECT ${subjectColumns}, x.value -> 4 AS questions FROM verdict CROSS JOIN json_each(${all}) x
      LEFT JOIN user u ON x.value ->> 0 = 'user' AND u.id = ${userNamed}
      LEFT JOIN flowgate_team t ON x.value ->> 0 = 'team' AND t.id = x.value ->> 1 WHERE permitted)`
}
