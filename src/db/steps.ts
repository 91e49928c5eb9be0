// Statements that depend on one another, in one request: transactions and snapshots. A batch of hrana goes on
// past an error; that the rest is left out, undone or read all the same is said here, step by step.
import { SqlError } from './database-error.ts'
import type { Answer, InStatement, Outcome, Question, Result, Row, Step } from './hrana.ts'

/** Sends it to the database; throws only where there was no answer to the whole. */
export type Run = (question: Question) => Promise<Outcome[]>

/** Rows of one read of a snapshot, or the error that it alone met. */
export type SnapshotResult = { rows: Row[] } | { error: unknown }

type Transaction = {
  readonly begin: 'BEGIN' | 'BEGIN IMMEDIATE'
  readonly end: 'COMMIT' | 'ROLLBACK'
  /** Foreign keys are off outside the transaction, which is where SQLite heeds that. */
  readonly withoutForeignKeys?: boolean
}

/** Runs something that is sent in one request, and heeds how far the log went then. */
export async function heeding(
  ask: (question: Question) => Promise<Answer>,
  runAll: (run: Run) => Promise<Result[]>,
): Promise<{ results: Result[]; index: number | undefined }> {
  let index: number | undefined
  const results = await runAll(async (question) => {
    const answer = await ask(question)
    index = answer.index
    return answer.outcomes
  })
  return { results, index }
}

/** The statements in one snapshot; a single one needs no BEGIN and COMMIT. */
export async function runRead(run: Run, statements: readonly InStatement[]): Promise<Result[]> {
  const [first, ...others] = statements
  if (first === undefined) return []
  if (others.length > 0) return runTransaction(run, statements, { begin: 'BEGIN', end: 'COMMIT' })
  const [outcome] = await run({ execute: first })
  return [requireResult(outcome, 0)]
}

/** All of the statements in one transaction, or none. Throws what the first of them met that failed. */
export async function runTransaction(
  run: Run,
  statements: readonly InStatement[],
  { begin, end, withoutForeignKeys = false }: Transaction,
): Promise<Result[]> {
  const before: Step[] = withoutForeignKeys ? [{ statement: 'PRAGMA foreign_keys=off' }] : []
  const begun = before.length
  const last = begun + statements.length
  const steps: Step[] = [
    ...before,
    { statement: begin, ...(begun > 0 ? after(begun - 1) : {}) },
    ...statements.map((statement, i): Step => ({ statement, ...after(begun + i) })),
    { statement: end, ...after(end === 'COMMIT' ? last : begun) },
    ...(end === 'COMMIT' ? [{ statement: 'ROLLBACK', ...unless(last + 1) }] : []),
    ...(withoutForeignKeys ? [{ statement: 'PRAGMA foreign_keys=on' }] : []),
  ]
  const outcomes = await run({ batch: steps })
  for (let i = 0; i <= begun; i++) requireResult(outcomes[i])
  const results = statements.map((_, i) => requireResult(outcomes[begun + 1 + i], i))
  if (end === 'COMMIT') requireResult(outcomes[last + 1])
  return results
}

/** Reads in one snapshot, each with rows or the error that it alone met. Throws if there is no snapshot. */
export async function runSnapshot(
  run: Run,
  statements: readonly string[],
): Promise<SnapshotResult[]> {
  const [begun, ...outcomes] = await run({
    batch: [
      { statement: 'BEGIN' },
      ...statements.map((statement) => ({ statement, ...after(0) })),
      { statement: 'COMMIT', ...after(0) },
    ],
  })
  requireResult(begun)
  requireResult(outcomes[statements.length])
  return outcomes
    .slice(0, -1)
    .map((outcome, i) =>
      outcome !== 'skipped' && 'error' in outcome ? outcome : requireResult(outcome, i),
    )
}

/** Only if that step went well, or only if it did not. */
const after = (step: number) => ({ condition: { type: 'ok', step } }) as const
const unless = (step: number) =>
  ({ condition: { type: 'not', cond: { type: 'ok', step } } }) as const

/** Throws a step's error, with the position of the statement. */
export function requireResult(outcome: Outcome | undefined, index?: number): Result {
  if (outcome && outcome !== 'skipped' && 'rows' in outcome) return outcome
  const error = outcome && outcome !== 'skipped' ? outcome.error : undefined
  const { message, code } = error ?? { message: 'A statement was left out and no error says why' }
  throw new SqlError({ message, ...(code ? { code } : {}) }, index)
}
