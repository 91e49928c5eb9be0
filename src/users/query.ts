// Users: reads and writes, each write one transaction with its checks inside.
import { type SQL, sql } from 'drizzle-orm'
import { columns, record } from '../access/audit.ts'
import { type Credential, callerId, callerRow, requireCaller } from '../access/authenticate.ts'
import { ensureStarterProject } from '../access/ownership.ts'
import { me } from '../access/predicate.ts'
import type { Database, Row } from '../db/client.ts'
import { isConstraint } from '../db/failures.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import type { UserCreate, UserUpdate } from './params.ts'

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
  ({ kind: 'user', userId, issuedAt: 0, requestId }) as const

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
  const [rows] = await db.read(callerRow(who))
  requireCaller(rows, who)
  return (rows as Row[])[0] as Row
}

/** Changes a user, oneself or (as a superuser) anybody. Throws the contract's 400, 403 and 404. */
export async function updateUser(
  db: Database,
  who: Credential,
  userId: string,
  input: UserUpdate & { passwordHash?: string | undefined },
): Promise<Row> {
  const superuser = sql`EXISTS (SELECT 1 FROM me JOIN user u ON u.id = me.id WHERE u.is_superuser)`
  const own = sql`(SELECT id FROM me) = ${userId}`
  const permitted = sql`(${superuser} OR (${own} AND ${input.passwordHash === undefined ? 1 : 0} AND ${input.is_superuser ? 0 : 1}))`
  const [callers, targets, , updated] = await writeOrNameTaken(
    db,
    callerRow(who),
    sql`SELECT id FROM user WHERE id = ${userId}`,
    sql`WITH ${me(who)} UPDATE user SET
        username = coalesce(${input.username ?? null}, username),
        profile_image = coalesce(${input.profile_image ?? null}, profile_image),
        password = coalesce(${input.passwordHash ?? null}, password),
        optins = coalesce(${input.optins ? JSON.stringify(input.optins) : null}, optins),
        is_active = CASE WHEN ${superuser} THEN coalesce(${toBit(input.is_active)}, is_active) ELSE is_active END,
        is_superuser = CASE WHEN ${superuser} THEN coalesce(${toBit(input.is_superuser)}, is_superuser) ELSE is_superuser END,
        updated_at = ${now}
      WHERE id = ${userId} AND ${permitted}`,
    sql`SELECT * FROM user WHERE id = ${userId}`,
  )
  const caller = requireCaller(callers?.rows, who)
  if (!caller.isSuperuser) {
    if (caller.id !== userId || input.is_superuser)
      throw new ApiError('forbidden', 'Permission denied')
    if (input.passwordHash !== undefined)
      throw new ApiError('bad_request', "You can't change your password here")
  }
  if (!targets?.rows[0]) throw new ApiError('not_found', 'User not found')
  return updated?.rows[0] as Row
}

const toBit = (flag: boolean | null | undefined) =>
  flag === null || flag === undefined ? null : Number(flag)

async function writeOrNameTaken(db: Database, ...statements: SQL[]) {
  try {
    return await db.write(...statements)
  } catch (cause) {
    if (isConstraint(cause, 'user.username')) {
      throw new ApiError('bad_request', 'This username is unavailable.', { cause })
    }
    throw cause
  }
}
