// How users come into being: strangers who sign up, and the first superuser. Each is one transaction.
import { type Author, columns, record } from '../access/audit.ts'
import { allKeyed, unkeyed, usersNames, whenKeyed } from '../access/names.ts'
import { type Once, writeOnce } from '../access/once.ts'
import { ensureStarterProject } from '../access/ownership.ts'
import type { Taken } from '../db/batch.ts'
import type { Database, Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import type { Env } from '../env.ts'
import { ApiError } from '../errors.ts'
import { keyOfName, keyOfTyped } from '../names.ts'
import { namesOf } from '../wire.ts'
import type { UserCreate } from './params.ts'
import { fits, PENDING_MAX, sweep } from './pending.ts'
import { nameTaken } from './query.ts'
import { toUserRead } from './view.ts'

/** `waits` for a superuser, who must activate them before the first login; else they are active at once. */
type NewUser = UserCreate & { passwordHash: string; waits: boolean }

/**
 * A new user; whoever signed up and was forgotten makes room for them. Throws 400 when the name is taken,
 * 429 while too many wait.
 */
export async function createUser(
  db: Database,
  input: NewUser,
  requestId: string,
  once: Once | undefined,
): Promise<Row> {
  const id = newId()
  const statements = (swept: SQL[]) => ({
    swept,
    unkeyed: unkeyed(usersNames),
    insert: insertUser(id, input, sql`${allKeyed(usersNames)} AND ${input.waits ? fits : sql`1`}`),
    belongings: belongings(id, requestId),
    made: sql`SELECT * FROM user WHERE id = ${id}`,
  })
  const send = (swept: SQL[], taken: Taken) =>
    whenKeyed(db, usersNames, () =>
      once
        ? writeOnce(db, once, sql`''`, statements(swept), namesOf(toUserRead), taken)
        : db.write(statements(swept), taken),
    )
  const { made } = await send(sweep(requestId), { ...nameTaken, ...inTheWay }).catch((error) => {
    if (!(error instanceof InTheWay)) throw error
    return send([], nameTaken)
  })
  return made.rows[0] ?? tooMany()
}

/** A forgotten user to whom rows of foreign tables refer: they stay, and whoever comes is not kept waiting. */
class InTheWay extends Error {}
const inTheWay: Taken = { 'FOREIGN KEY': () => new InTheWay() }

function tooMany(): never {
  throw new ApiError(
    'too_many_requests',
    `${PENDING_MAX} people wait to be activated already. Try again later, or ask an administrator.`,
    { retryAfter: 3600 },
  )
}

/**
 * The first superuser, unless any superuser exists; whoever comes second changes nothing. A name that only
 * looks like theirs gives way and goes on working as it is written. Throws 409 where somebody else has
 * exactly this name: they are neither made superuser nor changed.
 */
export async function createFirstSuperuser(
  db: Database,
  username: string,
  passwordHash: string,
  requestId: string,
): Promise<void> {
  const id = newId()
  const none = sql`NOT EXISTS (SELECT 1 FROM user WHERE is_superuser)`
  const free = sql`NOT EXISTS (SELECT 1 FROM user WHERE username = ${username})`
  const user = { username, passwordHash, optins: null, waits: false, superuser: true }
  const { taken } = await db.write({
    taken: sql`SELECT 1 FROM user WHERE username = ${username} AND ${none}`,
    givesWay: sql`UPDATE user SET username_key = ' ' || id
      WHERE username_key = ${keyOfName(username)} AND ${none} AND ${free}`,
    insert: insertUser(id, user, sql`${none} AND ${free}`),
    belongings: belongings(id, requestId),
  })
  if (taken.rows.length > 0)
    throw new ApiError(
      'conflict',
      'There is no superuser, and the name in SUPERUSER belongs to a user who is not one. ' +
        'Set SUPERUSER to a name that nobody has, and sign in with that.',
    )
}

/** What comes with a new user. They came into being by their own request, and are the author of it all. */
export function belongings(id: string, requestId: string): SQL[] {
  const itself: Author = { id: sql`(SELECT id FROM user WHERE id = ${id})`, requestId }
  return [
    record(
      itself,
      'user.create',
      { id: sql`u.id`, after: columns(sql`u`, ['username', 'is_active', 'is_superuser']) },
      sql`FROM user u WHERE u.id = ${id}`,
    ),
    ...ensureStarterProject(itself, sql`${id}`),
  ]
}

function insertUser(
  id: string,
  user: Omit<NewUser, 'optins' | 'password'> & { optins: unknown; superuser?: boolean },
  condition: SQL,
): SQL {
  const { username, passwordHash, waits, superuser = false } = user
  const optins = user.optins === null ? null : JSON.stringify(user.optins)
  return sql`INSERT INTO user (id, username, username_key, password, is_active, is_superuser, create_at, updated_at,
      pending_since, optins)
    SELECT ${id}, ${username}, ${keyOfName(username)}, ${passwordHash}, ${Number(!waits)}, ${Number(superuser)},
      ${now}, ${now}, ${waits ? now : null}, ${optins} WHERE ${condition}`
}

/** The user of this name: whoever has it exactly as it is written, else whoever has it in another spelling. */
export const userNamed = (typed: string): SQL => sql`SELECT * FROM user WHERE username = ${typed}
  UNION ALL SELECT * FROM user WHERE username_key = ${keyOfTyped(typed) ?? null}
    AND NOT EXISTS (SELECT 1 FROM user WHERE username = ${typed})`

/** Does the text name this user, in whatever spelling? */
export const isNamed = (name: string, typed: string): boolean =>
  keyOfTyped(typed) === keyOfName(name)

/** The operator's name is taken before its first login, so that no stranger can squat on it. */
export const isReserved = ({ SUPERUSER }: Pick<Env, 'SUPERUSER'>, username: string) =>
  SUPERUSER !== undefined && isNamed(SUPERUSER, username)
