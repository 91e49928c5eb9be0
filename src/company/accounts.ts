// Whoever a company's directory vouches for, as a user of ours: found by issuer and subject, made where there is none,
// never taken for somebody of the same name or mail address. It knows no protocol: what is vouched for, others judged.
import { type Author, record } from '../access/audit.ts'
import { bind, boundUser, DIRECTORY, NO_PASSWORD } from '../access/bindings.ts'
import { allKeyed, unkeyed, usersNames, whenKeyed } from '../access/names.ts'
import { ensureStarterProject } from '../access/ownership.ts'
import { onlyIf } from '../access/predicate.ts'
import { type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import type { Env, Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { begin } from '../identity/sessions.ts'
import { cut, faultOfName, keyOfName, toName } from '../names.ts'
import type { NewSession } from '../session-cookies.ts'
import { belongings, isReserved } from '../users/sign-up.ts'
import { mirrorGroups } from './groups.ts'
import type { Person } from './person.ts'
import { mirrorSuperuser } from './superuser.ts'

/**
 * A session for the person, who comes into being here if need be: one transaction, in which the binding decides who
 * they are, however many come at once. Throws 403 for one who is deactivated: their account stays as it is.
 */
export async function signInPerson(
  { db, env, requestId }: Open['Variables'],
  person: Person,
  userAgent: string | undefined,
): Promise<NewSession> {
  const bound = boundUser(person.bound)
  const itself: Author = { id: bound, requestId }
  const active = sql`(SELECT u.id FROM user u WHERE u.id = ${bound} AND u.is_active)`
  const session = begin(active, userAgent, sql`u.is_active`)
  const { users, began } = await whenKeyed(db, usersNames, () =>
    db.write({
      ...ensurePerson(person, env, requestId),
      superuser: mirrorSuperuser(itself, person),
      groups: mirrorGroups(itself, active, person),
      begin: session.statements,
      audit: record(
        itself,
        'session.create',
        { id: sql`s.id` },
        sql`FROM flowgate_session s WHERE s.id = ${session.id}`,
      ),
      seen: sql`UPDATE user SET last_login_at = ${now}, pending_since = NULL WHERE id = ${active}`,
      starter: ensureStarterProject(itself, active),
      began: sql`SELECT id FROM flowgate_session WHERE id = ${session.id}`,
      users: sql`SELECT u.id, u.store_api_key FROM user u WHERE u.id = ${bound}`,
    }),
  )
  const [user] = users.rows
  if (!user || !began.rows[0])
    throw new ApiError(
      'sign_in_refused',
      'This account is deactivated. Ask an administrator to activate it.',
    )
  return {
    token: { userId: String(user.id), sessionId: session.id, round: 0 },
    hasStoreKey: user.store_api_key !== null,
  }
}

/**
 * Statements after which there is a user behind the person: the one who is bound, the one whom the directory has
 * provisioned, or a new one. For `whenKeyed`: where names have no key yet, nobody comes into being.
 */
export function ensurePerson(person: Person, env: Env, requestId: string) {
  const { bound, directorySubject } = person
  const none = sql`${boundUser(bound)} IS NULL`
  const itself: Author = { id: boundUser(bound), requestId }
  const id = newId()
  return {
    provisioned:
      directorySubject === undefined
        ? []
        : bind(itself, bound, {
            userId: boundUser({ issuer: DIRECTORY, subject: directorySubject }),
            by: sql`NULL`,
            when: none,
          }),
    unkeyed: sql<{
      id: string
      name: string
    }>`SELECT * FROM (${unkeyed(usersNames)}) WHERE ${none}`,
    made: sql`INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
      SELECT ${id}, c.value ->> 0, c.value ->> 1, ${NO_PASSWORD}, 1, 0, ${now}, ${now}
      FROM ${onlyIf(sql`${none} AND ${allKeyed(usersNames)}`)} json_each(${JSON.stringify(namesFor(person, env, id))}) c
      WHERE NOT EXISTS (SELECT 1 FROM user t WHERE t.username = c.value ->> 0)
        AND NOT EXISTS (SELECT 1 FROM user t WHERE t.username_key = c.value ->> 1)
      ORDER BY c.key LIMIT 1`,
    bound: bind(itself, bound, { userId: sql`${id}`, by: sql`NULL`, when: none }),
    belongings: belongings(id, requestId),
  } satisfies Record<string, SQL | readonly SQL[]>
}

/** Room for what is put behind a name. */
const NAME_ROOM = 200
const NUMBERED = 9

/** Names that a new user may get, each with its key, in the order in which they are tried; the last is nobody's. Pure. */
export function namesFor(
  { names, source }: Person,
  env: Pick<Env, 'SUPERUSER'>,
  id: string,
): [name: string, key: string][] {
  const fitting = names
    .map((name) => toName(cut(name.slice(0, NAME_ROOM), NAME_ROOM)))
    .find((name) => name.length <= NAME_ROOM && !faultOfName(name))
  const base = fitting ?? 'somebody'
  const behind = `${base} (${source})`
  const numbers = Array.from({ length: NUMBERED }, (_, n) => `${behind} ${n + 2}`)
  return [base, behind, ...numbers, `${behind} ${id.slice(0, 8)}`]
    .filter((name) => !isReserved(env, name))
    .map((name) => [name, keyOfName(name)])
}
