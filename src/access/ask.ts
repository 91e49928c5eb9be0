// Asking in somebody's name. Each round trip carries the caller's row, which is judged before anything
// that came with it is handed out: what is asked through here cannot be answered without a caller.
import { one, type Results, type Rows, type Statements, type Taken } from '../db/batch.ts'
import type { Database, Row, Stands } from '../db/client.ts'
import { SQL, sql } from '../db/sql.ts'
import { ApiError } from '../errors.ts'
import { type Credential, callerId } from '../identity/authenticate.ts'
import type { Author } from './audit.ts'
import { type Caller, callerRow, type Judge } from './caller.ts'
import { isAdmin } from './grants.ts'
import { type Kept, type Making, type Once, writeOnce } from './once.ts'
import { asUser, myId } from './predicate.ts'
import { recallShape, rememberShape, type Shape, shapeOf } from './shape.ts'
import { askedAboutBy } from './subjects.ts'
import { callerInProject } from './terms.ts'

/** Statements may name `me`; `caller` is the one name that is taken. */
type WithoutCaller = Statements & { readonly caller?: never }
type Judged = { readonly caller: Caller }

export type Ask = {
  /** Whom the audit names. */
  readonly author: Author
  /** Who asks, as text that differs from everybody else's: what is made for one caller is bound to it. */
  readonly name: string
  /**
   * `Database.read` for this caller. Throws 401 or 403 where there is none any more, or not for this route: never on a
   * replica's word alone, which may not know yet who has just come.
   */
  read<S extends WithoutCaller>(statements: S, stands?: Stands<Rows<S>>): Promise<Rows<S> & Judged>
  /** Reads on in an answer whose caller has been judged, under the predicate as everything: it knows nobody who is gone. */
  readOn<S extends Statements>(statements: S): Promise<Rows<S>>
  /** `Database.write` for this caller. The statements must see for themselves that they do nothing for others. */
  write<S extends WithoutCaller>(statements: S, taken?: Taken): Promise<Results<S> & Judged>
  /**
   * `write` for what makes something: `made` are the rows that the answer shows. Once only where the request
   * may be repeated; of these rows `kept` is kept for that.
   */
  create<S extends WithoutCaller & Making>(
    statements: S,
    kept: Kept,
    taken?: Taken,
  ): Promise<Results<S> & Judged>
  /** The same caller, in a request that may be repeated. */
  once(once: Once): Ask
  /** The same caller, before another judge. */
  before(judge: Judge): Ask
  /** The caller has been judged and found good. */
  readonly isJudged: boolean
  /** Has the caller judged, unless that was done. */
  ensureJudged(): Promise<void>
  /**
   * One row FROM caller `c`, as visible.ts has them: these columns, in a single statement, which is made for the shape
   * that the caller had when they were last looked at. Where they have another one by now it is made once more for any.
   * `asking`: CTEs behind `caller`, each after a comma, the last of that name: the caller's row with more columns.
   */
  look(
    columns: (shape: Shape | undefined) => SQL,
    folderId: SQL | undefined,
    asking?: (shape: Shape | undefined) => SQL,
  ): Promise<Row>
  /** The same caller, whose `look` is that of this user. It throws 403 for others than admins, and 404 for nobody. */
  lookingAs(userId: string): Ask
}

/** What is judged, and what a shape is known by; the rest of the row is for the statement alone. */
const ofCaller = sql`c.id, c.username, c.is_active, c.is_superuser, c.is_admin, c.in_teams, c.globally, c.has_flow_grants`

type Look = Parameters<Ask['look']>

const lookingBy = (caller: SQL, columns: Look[0], asking: Look[2], shape?: Shape): SQL<Row> =>
  sql`WITH ${caller} ${asking?.(shape) ?? sql``}
    SELECT ${ofCaller}, ${columns(shape)} FROM ${sql.raw(asking ? 'asking' : 'caller')} c`

/** What differs from one request to another. */
type Manner = {
  readonly once?: Once | undefined
  /** Has a user come into being for somebody who was vouched for and has none yet. */
  readonly arrive?: (() => Promise<unknown>) | undefined
}

const nameOf = (who: Credential): string => {
  switch (who.kind) {
    case 'user':
      return who.userId
    case 'key':
      return `key ${who.hash}`
    case 'access':
      return `access ${who.issuer} ${who.subject}`
  }
}

/** Binds what is asked to the caller, and to who may ask it. */
export function askAs(db: Database, who: Credential, judge: Judge, manner: Manner = {}): Ask {
  const { once, arrive } = manner
  const caller = callerRow(who)
  const id = callerId(who)
  const mine = (statement: SQL) => asUser(id, statement)
  const inMyName = <S extends Statements>(statements: S): S => {
    const bound = Object.entries(statements).map(([name, some]) => [
      name,
      some instanceof SQL ? mine(some) : some.map(mine),
    ])
    return Object.fromEntries(bound)
  }
  const judged = (statements: Statements): { caller: SQL } => ({ caller, ...inMyName(statements) })
  let isJudged = false
  const judgeOnce: Judge = (rows, who) => {
    const caller = judge(rows, who)
    isJudged = true
    return caller
  }
  /** Of whoever has no user yet there is no row, and what was asked did nothing: once they have one, it is asked again. */
  const arriving = async <R>(run: () => Promise<R>, rowsOf: (found: R) => Row[]): Promise<R> => {
    const found = await run()
    if (!arrive || rowsOf(found).length > 0) return found
    await arrive()
    return run()
  }
  const ask: Ask = {
    author: { id, requestId: who.requestId },
    name: nameOf(who),
    async read<S extends WithoutCaller>(statements: S, stands?: Stands<Rows<S>>) {
      const run = () =>
        db.read(
          judged(statements),
          ({ caller, ...rows }) => judge(caller, who) && (stands?.(rows as Rows<S>) ?? true),
        )
      const { caller, ...rows } = await arriving(run, ({ caller }) => caller)
      return { ...(rows as Rows<S>), caller: judgeOnce(caller, who) } // they come by the names they were given
    },
    readOn: (statements) => db.read(inMyName(statements)),
    async write<S extends WithoutCaller>(statements: S, taken?: Taken) {
      const run = () => db.write(judged(statements), taken)
      const { caller, ...results } = await arriving(run, ({ caller }) => caller.rows)
      return { ...(results as Results<S>), caller: judgeOnce(caller.rows, who) }
    },
    async look(columns, folderId, asking) {
      const lookAs = (shape: Shape | undefined) =>
        db.read(
          { rows: lookingBy(callerInProject(who, folderId, shape), columns, asking, shape) },
          // Of a shape that they have no more there is no row: asked once more, they are judged.
          ({ rows }) => (rows.length === 0 && shape) || judge(rows, who),
        )
      const shape = recallShape(ask.name)
      const { rows: known } = shape ? await lookAs(shape) : { rows: [] }
      const { rows } =
        known.length > 0
          ? { rows: known }
          : await arriving(
              () => lookAs(undefined),
              ({ rows }) => rows,
            )
      judgeOnce(rows, who)
      const row = one(rows)
      if (row !== known[0]) rememberShape(ask.name, shapeOf(row))
      return row
    },
    get isJudged() {
      return isJudged
    },
    async ensureJudged() {
      if (!isJudged) await ask.read({})
    },
    async create<S extends WithoutCaller & Making>(statements: S, kept: Kept, taken?: Taken) {
      if (!once) return ask.write(statements, taken)
      const results = await writeOnce(ask, once, myId, statements, kept, taken)
      return results as Results<S> & Judged // written and read through this ask, which judged
    },
    lookingAs(userId) {
      const subject = askedAboutBy(id, sql`${userId}`)
      const row = sql`SELECT u.id, u.username, u.is_active, u.is_superuser, ${isAdmin(sql`u`)} AS is_admin
        FROM user u WHERE u.id = ${subject}`
      return {
        ...ask,
        name: `${ask.name} as ${userId}`,
        get isJudged() {
          return ask.isJudged
        },
        async look(columns, folderId, asking) {
          const user = callerInProject(who, folderId, undefined, row)
          const { caller, rows } = await ask.read(
            { rows: asUser(subject, lookingBy(user, columns, asking)) },
            ({ rows }) => rows.length > 0,
          )
          if (!caller.isAdmin) throw new ApiError('forbidden', 'Admin access required')
          const [found] = rows
          if (!found) throw new ApiError('not_found', 'User not found')
          return found
        },
      }
    },
    once: (once) => askAs(db, who, judge, { ...manner, once }),
    before: (judge) => askAs(db, who, judge, manner),
  }
  return ask
}
