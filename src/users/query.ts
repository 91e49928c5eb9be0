// Users: reads and writes, each write one transaction with its checks inside.
import { type SQL, sql } from 'drizzle-orm'
import type { Ask } from '../access/ask.ts'
import { type Author, columns, record } from '../access/audit.ts'
import { type Once, writeOnce } from '../access/once.ts'
import { ensureStarterProject } from '../access/ownership.ts'
import { amSuperuser, myId } from '../access/predicate.ts'
import { one, type Taken } from '../db/batch.ts'
import type { Database, Row } from '../db/client.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { namesOf } from '../wire.ts'
import type { UserCreate, UserPage } from './params.ts'
import { toUserRead } from './view.ts'

/** A new user, who must be activated by a superuser before the first login. Throws 400 when the name is taken. */
export async function createUser(
  db: Database,
  input: UserCreate & { passwordHash: string },
  requestId: string,
  once: Once | undefined,
): Promise<Row> {
  const id = newId()
  const statements = {
    insert: insertUser(id, input.username, input.passwordHash, {
      superuser: false,
      optins: JSON.stringify(input.optins),
    }),
    belongings: belongings(id, requestId),
    made: sql`SELECT * FROM user WHERE id = ${id}`,
  }
  const { made } = once
    ? await writeOnce(db, once, sql`''`, statements, namesOf(toUserRead), nameTaken)
    : await db.write(statements, nameTaken)
  return one(made.rows)
}

/** The first superuser, unless any superuser exists; whoever comes second changes nothing. */
export async function createFirstSuperuser(
  db: Database,
  username: string,
  passwordHash: string,
  requestId: string,
): Promise<void> {
  const id = newId()
  await db.write({
    insert: sql`${insertUser(id, username, passwordHash, { superuser: true, optins: null })}
      AND NOT EXISTS (SELECT 1 FROM user WHERE is_superuser) AND NOT EXISTS (SELECT 1 FROM user WHERE username = ${username})`,
    belongings: belongings(id, requestId),
  })
}

/** What comes with a new user. They came into being by their own request, and are the author of it all. */
function belongings(id: string, requestId: string): SQL[] {
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
  username: string,
  passwordHash: string,
  { superuser, optins }: { superuser: boolean; optins: string | null },
): SQL {
  const flag = superuser ? 1 : 0
  return sql`INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at, optins)
    SELECT ${id}, ${username}, ${passwordHash}, ${flag}, ${flag}, ${now}, ${now}, ${optins} WHERE 1`
}

/** The caller's own row. */
export async function findCaller(ask: Ask): Promise<Row> {
  const { users } = await ask.read({ users: sql`SELECT * FROM user WHERE id = ${myId}` })
  return one(users)
}

/** A page of all users, oldest first, for superusers. */
export async function listUsers(
  ask: Ask,
  { skip, limit }: UserPage,
): Promise<{ users: Row[]; total: number }> {
  const { users, count } = await ask.read({
    users: sql`SELECT * FROM user WHERE ${amSuperuser} ORDER BY create_at, id LIMIT ${limit} OFFSET ${skip}`,
    count: sql<{ total: number }>`SELECT count(*) AS total FROM user WHERE ${amSuperuser}`,
  })
  return { users, total: one(count).total }
}

/** The unique index decides who came first. */
export const nameTaken: Taken = {
  'user.username': (cause) =>
    new ApiError('bad_request', 'This username is unavailable.', { cause }),
}
