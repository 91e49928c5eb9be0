// Somebody for whom a company's directory vouches, as far as it says.
import type { Bound } from '../access/bindings.ts'

export type Person = {
  readonly bound: Bound
  /** Who vouches for them: stands behind a name that is taken, and before the names of groups. */
  readonly source: string
  /** What they may be called, the best first. */
  readonly names: readonly string[]
  /** Undefined where nothing is known of them: then teams stay as they are. */
  readonly groups?: readonly string[] | undefined
  /** Undefined where nobody says: then they stay what they are. */
  readonly isSuperuser?: boolean | undefined
  /** Whom the directory that provisions people knows them as, where somebody says. */
  readonly directorySubject?: string | undefined
}
