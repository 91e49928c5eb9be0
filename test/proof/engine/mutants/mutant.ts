/** One way to break the engine, and who should notice. */
export type Mutant = {
  readonly name: string
  /** Below src/migrate. */
  readonly file: string
  readonly find: string | RegExp
  readonly replace: string
  /** A change that the other one needs. */
  readonly also?: readonly [find: string, replace: string]
  /** A test file: one of the proof, `plan.unit` beside the engine, or `../ledger` below test. */
  readonly proof: string
  /** Of its tests, those whose name has this. */
  readonly test?: string
}

/** In front of a guard's condition: it never aborts. */
export const NEVER = '(SELECT 0) AND '
