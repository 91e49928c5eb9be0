// Users of the directory: rows of `user` with a binding. What is said of them beyond their name lies in the binding.
import { columns, record } from '../access/audit.ts'
import { bind, DIRECTORY, NO_PASSWORD } from '../access/bindings.ts'
import { allKeyed, unkeyed, usersNames, whenKeyed } from '../access/names.ts'
import { ensureStarterProject } from '../access/ownership.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { keyOfName } from '../names.ts'
import { isReserved } from '../users/sign-up.ts'
import { type Asked, isMirrored, isProvisioned, notFound } from './directory.ts'
import { type Person, toStored } from './person.ts'
import { Refusal } from './protocol.ts'
import { type Resource, toUser } from './view.ts'

/** FROM and WHERE: users `u` with their binding `b`, of several the first. By the plus SQLite looks for these by their user. */
const provisioned = sql`FROM flowgate_binding b JOIN user u ON u.id = b.user_id
  WHERE b.issuer = ${DIRECTORY} AND NOT EXISTS (SELECT 1 FROM flowgate_binding o
    WHERE o.user_id = b.user_id AND o.issuer = ${DIRECTORY} AND +o.subject < b.subject)`

/** Teams of one user are at most 100. */
const groups = sql`(SELECT json_group_array(json_object('id', g.id, 'name', g.name)) FROM (
  SELECT t.id, t.name FROM flowgate_team_member m JOIN flowgate_team t ON t.id = m.team_id
  WHERE m.user_id = u.id AND ${isMirrored} ORDER BY t.id) g)`

const withGroups = (
  groups: SQL,
) => sql`SELECT u.id, u.username, u.is_active, u.is_superuser, u.create_at, u.updated_at,
  b.subject, b.profile, ${groups} AS groups ${provisioned}`
const selectUsers = withGroups(groups)

type Page = { readonly where: SQL; readonly offset: number; readonly limit: number }

/** A page of those that meet the condition over `u` and `b`, by what the directory calls them, and how many there are. */
export async function listUsers(
  { db, base }: Asked,
  { where, offset, limit }: Page,
): Promise<{ resources: Resource[]; total: number }> {
  const { found, count } = await db.read({
    found: sql<Row>`${selectUsers} AND ${where} ORDER BY b.subject LIMIT ${limit} OFFSET ${offset}`,
    count: sql<{ total: number }>`SELECT count(*) AS total ${provisioned} AND ${where}`,
  })
  return {
    resources: await Promise.all(found.map((row) => toUser(row, base))),
    total: one(count).total,
  }
}

export const selectUser = (id: string) => sql<Row>`${selectUsers} AND u.id = ${id}`

/** Throws 404 for whoever is not the directory's, whether they are there or not. */
export async function findUser({ db, base }: Asked, id: string) {
  const { found } = await db.read({ found: selectUser(id) })
  const [row] = found
  if (!row) throw notFound('User')
  return { row, user: await toUser(row, base) }
}

/** Others delete users too, and know no bindings: one of nobody is in nobody's way. */
export const sweep = (subject: string) => sql`DELETE FROM flowgate_binding AS b
  WHERE b.issuer = ${DIRECTORY} AND b.subject = ${subject} AND NOT EXISTS (SELECT 1 FROM user u WHERE u.id = b.user_id)`

type Taken = { name: 'local' | 'provisioned' | null; subject: number }

/** What is taken by somebody else: the name in any spelling, or what the directory calls the user. */
export const takenBy = (userId: string, { userName }: Person, subject: string) => {
  const other = sql`u.id <> ${userId} AND (u.username = ${userName} OR u.username_key = ${keyOfName(userName)})`
  const named = sql`(SELECT CASE WHEN ${isProvisioned(sql`u.id`)} THEN 'provisioned' ELSE 'local' END FROM user u WHERE ${other} LIMIT 1)`
  const bound = sql`EXISTS (SELECT 1 FROM flowgate_binding b WHERE b.issuer = ${DIRECTORY} AND b.subject = ${subject} AND b.user_id <> ${userId})`
  return {
    taken: sql<Taken>`SELECT ${named} AS name, ${bound} AS subject`,
    isFree: sql`(${named} IS NULL AND NOT ${bound})`,
  }
}

export function requireFree(taken: Taken, { userName, externalId }: Person): void {
  if (taken.subject)
    throw new Refusal('uniqueness', `A user with the externalId '${externalId}' is there already`)
  if (taken.name === 'provisioned')
    throw new Refusal('uniqueness', `The userName '${userName}' is taken`)
  if (taken.name === 'local')
    throw new Refusal(
      'uniqueness',
      `The userName '${userName}' belongs to a local user. An administrator can bind them to the directory: POST /api/v1/bindings with their user_id, the provider scim, and the externalId as subject.`,
    )
}

/** The name of SUPERUSER is nobody else's. */
export function requireUnreserved({ env }: Asked, { userName }: Person, held?: unknown): void {
  if (userName !== held && isReserved(env, userName))
    throw new Refusal('uniqueness', `The userName '${userName}' is reserved`)
}

const userColumns = columns(sql`u`, ['username', 'is_active', 'is_superuser'])

/** Makes a user. Throws 409 where the name or the externalId is taken. */
export async function createUser(asked: Asked, person: Person): Promise<Resource> {
  const { db, author, base } = asked
  requireUnreserved(asked, person)
  const id = newId()
  const subject = person.externalId ?? id
  const { taken, isFree } = takenBy(id, person, subject)
  const { userName, active, profile } = person
  const results = await whenKeyed(db, usersNames, () =>
    db.write({
      unkeyed: unkeyed(usersNames),
      swept: sweep(subject),
      taken,
      insert: sql`INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at)
        SELECT ${id}, ${userName}, ${keyOfName(userName)}, ${NO_PASSWORD}, ${active}, 0, ${now}, ${now}
        WHERE ${allKeyed(usersNames)} AND ${isFree}`,
      recorded: record(
        author,
        'user.create',
        { id: sql`u.id`, after: userColumns },
        sql`FROM user u WHERE u.id = ${id}`,
      ),
      bound: bind(author, { issuer: DIRECTORY, subject }, { userId: sql`${id}`, by: sql`NULL` }),
      profile: sql`UPDATE flowgate_binding SET profile = ${toStored(profile)}
        WHERE issuer = ${DIRECTORY} AND subject = ${subject} AND user_id = ${id}`,
      starter: ensureStarterProject(author, sql`${id}`),
      made: selectUser(id),
    }),
  )
  requireFree(one(results.taken.rows), person)
  return toUser(one(results.made.rows), base)
}
