// Users: reads and writes, each write one transaction with its checks inside.
import { type SQL, sql } from 'drizzle-orm'
import { columns, record } from '../access/audit.ts'
import {
  type Credential,
  callerId,
  callerRow,
  requireCaller,
  requireSuperuser,
  userRow,
} from '../access/authenticate.ts'
import { ensureStarterProject } from '../access/ownership.ts'
import { amSuperuser, me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { isConstraint } from '../db/failures.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { UserCreate, UserPage } from './params.ts'

/** A new user, who must be activated by a superuser before the first login. Throws 400 when the name is taken. */
export async function createUser(
  db: Database,
  input: UserCreate & { passwordHash: string },
  requestId: string,
): Promise<Row> {
  const id = newId()
  const who = asItself(id, requestId)
  const results = await writeOrNameTaken(
    db,
    insertUser(id, input.username, input.passwordHash, {
      superuser: false,
      optins: JSON.stringify(input.optins),
    }),
    recordCreation(who),
    ...ensureStarterProject(who, sql`${id}`),
    sql`SELECT * FROM user WHERE id = ${id}`,
  )
  return results.at(-1)?.rows[0] as Row
}

/** The first superuser, unless any superuser exists; whoever comes second changes nothing. */
export function createFirstSuperuser(
  db: Database,
  username: string,
  passwordHash: string,
  requestId: string,
) {
  const id = newId()
  const who = asItself(id, requestId)
  return db.write(
    sql`${insertUser(id, username, passwordHash, { superuser: true, optins: null })}
      AND NOT EXISTS (SELECT 1 FROM user WHERE is_superuser) AND NOT EXISTS (SELECT 1 FROM user WHERE username = ${username})`,
    recordCreation(who),
    ...ensureStarterProject(who, sql`${id}`),
  )
}

/** A user who comes into being by their own request is the author of it. */
const asItself = (userId: string, requestId: string) =>
  ({ kind: 'user', userId, credentials: null, requestId }) as const

const recordCreation = (who: Credential) =>
  record(
    who,
    'user.create',
    { id: sql`u.id`, after: columns(sql`u`, ['username', 'is_active', 'is_superuser']) },
    sql`FROM user u WHERE u.id = ${callerId(who)}`,
  )

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
export async function findCaller(db: Database, who: Credential): Promise<Row> {
  const [callers, users] = await db.read(callerRow(who), userRow(who))
  requireCaller(callers, who)
  return users?.[0] as Row // the caller is one of them
}

/** A page of all users, oldest first, for superusers. */
export async function listUsers(
  db: Database,
  who: Credential,
  { skip, limit }: UserPage,
): Promise<{ rows: Row[]; total: number }> {
  const [callers, rows, totals] = await db.read(
    callerRow(who),
    sql`WITH ${me(who)} SELECT * FROM user WHERE ${amSuperuser} ORDER BY create_at, id LIMIT ${limit} OFFSET ${skip}`,
    sql`WITH ${me(who)} SELECT count(*) AS total FROM user WHERE ${amSuperuser}`,
  )
  requireSuperuser(callers, who)
  return { rows: rows ?? [], total: Number(totals?.[0]?.total) }
}

/** The unique index decides who came first. */
export async function writeOrNameTaken(db: Database, ...statements: SQL[]) {
  try {
    return await db.write(...statements)
  } catch (cause) {
    if (isConstraint(cause, 'user.username')) {
      throw new ApiError('bad_request', 'This username is unavailable.', { cause })
    }
    throw cause
  }
}
