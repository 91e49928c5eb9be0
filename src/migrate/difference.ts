// One way in which a database is not what a revision expects, as data: what is decided from it is read off
// its fields, never off its words. Pure.
import type { ForeignKey, Index } from './schema.ts'

/** What it is about. */
export type Subject =
  | { readonly what: 'table'; readonly table: string }
  | { readonly what: 'column'; readonly table: string; readonly column: string }
  | { readonly what: 'primary key'; readonly table: string }
  | { readonly what: 'unique'; readonly table: string; readonly index: Index }
  | { readonly what: 'index'; readonly table: string; readonly index: Index }
  | { readonly what: 'foreign key'; readonly table: string; readonly key: ForeignKey }
  | { readonly what: 'trigger'; readonly table: string; readonly trigger: string }
  | { readonly what: 'check'; readonly table: string; readonly condition: string }
  | { readonly what: 'conflict clause'; readonly table: string; readonly clause: string }
  /** An object of a later revision, known by its name alone. */
  | { readonly what: 'name'; readonly name: string }
  /** A table that an interrupted rebuild left behind. */
  | {
      readonly what: 'leftover'
      readonly table: string
      readonly original: string
      readonly onlyCopy: boolean
    }
  /** Rows that a revision still to come cannot take as they are. */
  | { readonly what: 'rows'; readonly wrong: string }

export type Difference = Subject & {
  readonly kind: 'missing' | 'different' | 'unexpected'
  readonly expected?: string
  readonly found?: string
}

/** `column flow.locked`, `unique folder(user_id, name)` ... */
export function nameOf(subject: Subject): string {
  switch (subject.what) {
    case 'table':
    case 'primary key':
      return `${subject.what} ${subject.table}`
    case 'leftover':
      return `leftover ${subject.table}`
    case 'column':
      return `column ${subject.table}.${subject.column}`
    case 'unique':
    case 'index':
      return `${subject.what} ${subject.table}${list(subject.index.columns)}`
    case 'foreign key':
      return `foreign key ${subject.table}${describeKey(subject.key)}`
    case 'trigger':
      return `trigger ${subject.trigger}`
    case 'check':
      return `check ${subject.table}(${subject.condition})`
    case 'conflict clause':
      return `conflict clause ${subject.table} ${subject.clause}`
    case 'name':
      return subject.name
    case 'rows':
      return subject.wrong
    default:
      return subject satisfies never
  }
}

/** What logs, `--json` and the CLI show of it. */
export function toShown(difference: Difference) {
  const { kind, expected, found } = difference
  return {
    kind,
    object: nameOf(difference),
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  }
}

/** `column flow.locked is missing`; an error says no more, the exact values are in the log and in `status`. */
export const describe = (difference: Difference): string =>
  difference.what === 'rows'
    ? `${difference.wrong}: ${difference.found}`
    : `${nameOf(difference)} is ${difference.kind}`

/** The rebuild lost its original: its leftover must not be touched, and nothing may be built in its place. */
export const holdsOnlyCopy = (difference: Difference): boolean =>
  difference.what === 'leftover' && difference.onlyCopy

/** A plain index that is missing makes reads slow and nothing wrong. */
export const isOnlySlow = (difference: Difference): boolean =>
  difference.kind === 'missing' && difference.what === 'index'

export const list = (names: readonly string[]) => `(${names.join(', ')})`
export const describeKey = (key: ForeignKey) =>
  `${list(key.columns)} -> ${key.table}${list(key.references)} on delete ${key.onDelete.toLowerCase()}`
