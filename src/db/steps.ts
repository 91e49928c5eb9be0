// Statements that depend on one another, in one HTTP request of hrana, the protocol below @libsql/client.
// That client ends at the first error of a batch, and leaves the promises of its own `PRAGMA foreign_keys`
// rejected with nobody listening, which ends a Node process. Here each step's outcome is a plain value.
import {
  type InStatement,
  type InValue,
  LibsqlBatchError,
  LibsqlError,
  type Row,
} from '@libsql/client/http'
import * as hrana from '@libsql/hrana-client'
import { narrow } from './rows.ts'

/** `after`: runs only if that step went well; `unless`: only if that one did not. Both are positions. */
type Step = {
  readonly statement: InStatement
  readonly after?: number
  readonly unless?: number
}

/** What a statement gave: its rows, and how many it changed. */
export type Result = { rows: Row[]; rowsAffected: number }
/** Rows of one read of a snapshot, or the error that it alone met. */
export type SnapshotResult = { rows: Row[] } | { error: unknown }
type Outcome = Result | { error: hrana.ClientError } | 'skipped'

/** Outcomes in the order of the steps. Throws only where the database gave no answer to the whole. */
async function runSteps(client: hrana.HttpClient, steps: readonly Step[]): Promise<Outcome[]> {
  client.intMode = 'bigint'
  const stream = client.openStream()
  const batch = stream.batch(false)
  const made: hrana.BatchStep[] = []
  const outcomes = steps.map(({ statement, after, unless }) => {
    const step = batch.step()
    made.push(step)
    const [before, failed] = [made[after ?? -1], made[unless ?? -1]]
    if (before) step.condition(hrana.BatchCond.ok(before))
    if (failed) step.condition(hrana.BatchCond.not(hrana.BatchCond.ok(failed)))
    return step.query(toStmt(statement)).then(toOutcome, (error): Outcome => ({ error }))
  })
  const executed = batch.execute()
  stream.closeGracefully()
  await executed
  return Promise.all(outcomes)
}

/** One transaction with foreign keys off outside it, which is where SQLite heeds that. */
export async function runTransaction(
  client: hrana.HttpClient,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE',
  statements: readonly InStatement[],
  end: 'COMMIT' | 'ROLLBACK',
): Promise<Result[]> {
  const own = statements.map((statement, i): Step => ({ statement, after: i + 1 }))
  const last = own.length + 2
  const [off, begun, ...outcomes] = await runSteps(client, [
    { statement: 'PRAGMA foreign_keys=off' },
    { statement: begin, after: 0 },
    ...own,
    { statement: end, after: end === 'COMMIT' ? last - 1 : 1 },
    ...(end === 'COMMIT' ? [{ statement: 'ROLLBACK', unless: last }] : []),
    { statement: 'PRAGMA foreign_keys=on' },
  ])
  toResult(off)
  toResult(begun)
  const results = own.map((_, i) => toResult(outcomes[i], i))
  if (end === 'COMMIT') toResult(outcomes[own.length])
  return results
}

/** Reads in one snapshot, each with rows or the error that it alone met. Throws if there is no snapshot. */
export async function runSnapshot(
  client: hrana.HttpClient,
  statements: readonly string[],
): Promise<SnapshotResult[]> {
  const [begun, ...outcomes] = await runSteps(client, [
    { statement: 'BEGIN' },
    ...statements.map((statement) => ({ statement, after: 0 })),
    { statement: 'COMMIT', after: 0 },
  ])
  toResult(begun)
  toResult(outcomes[statements.length])
  return outcomes
    .slice(0, -1)
    .map((outcome, i) =>
      outcome !== 'skipped' && 'error' in outcome ? outcome : toResult(outcome, i),
    )
}

const UNEXPLAINED = 'HRANA_PROTO_ERROR'

/** Throws a step's error as @libsql/client would, with the position of the statement. */
function toResult(outcome: Outcome | undefined, index?: number): Result {
  if (outcome && outcome !== 'skipped' && 'rows' in outcome) return outcome
  const error = outcome && outcome !== 'skipped' ? outcome.error : undefined
  const code = error instanceof hrana.ResponseError ? error.code : undefined
  const message = error?.message ?? 'A statement was left out and no error says why'
  throw index === undefined
    ? new LibsqlError(message, code ?? UNEXPLAINED, undefined, undefined, error)
    : new LibsqlBatchError(message, index, code ?? UNEXPLAINED, undefined, undefined, error)
}

function toOutcome(result: hrana.RowsResult | undefined): Outcome {
  if (!result) return 'skipped'
  // hrana's rows and the client's are the same objects under two names.
  return { rows: narrow(result.rows as unknown as Row[]), rowsAffected: result.affectedRowCount }
}

function toStmt(statement: InStatement): hrana.Stmt {
  if (typeof statement === 'string') return new hrana.Stmt(statement)
  const [sql, args = []] = Array.isArray(statement) ? statement : [statement.sql, statement.args]
  const stmt = new hrana.Stmt(sql)
  if (Array.isArray(args)) return stmt.bindIndexes(args)
  for (const [name, value] of Object.entries<InValue>(args)) stmt.bindName(name, value)
  return stmt
}
