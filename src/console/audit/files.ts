// What is filtered, as a file: CSV for spreadsheets, JSON lines for programs.
import { read } from '../api.ts'
import type { AuditEntry, AuditPage } from '../bodies.ts'
import { saveAs } from '../save.ts'
import { cells, line } from './csv.ts'
import { askAudit, type Filter } from './filter.ts'
import { find, type Names, namesOf, type Part, targetOf } from './names.ts'
import { tellEntry, textOf } from './words.ts'

export type Format = 'csv' | 'jsonl'

/** A file that is being written: where it stands, to go on from there after a failure. */
export type Writing = {
  readonly format: Format
  readonly filter: Filter
  readonly pages: Blob[]
  count: number
  /** The oldest entry so far. */
  at: string | undefined
}

const SIZE = 100

/** From the newest entry on, whichever page is on the screen. */
export const begin = (format: Format, filter: Filter): Writing => ({
  format,
  filter: { ...filter, cursor: '' },
  pages: format === 'csv' ? [new Blob(['\uFEFF', line(cells)])] : [],
  count: 0,
  at: undefined,
})

/** Reads on to the end, and tells of each page; then the browser has the file. Throws what stopped it. */
export async function write(writing: Writing, tell: () => void, signal: AbortSignal) {
  do {
    const page = await read<AuditPage>(askAudit(writing.filter, SIZE, signal))
    const names = namesOf(page)
    const toText = writing.format === 'csv' ? toLine : toJson
    // A Blob of each: the browser may keep on disk what a million entries are.
    writing.pages.push(new Blob(page.items.map((entry) => toText(entry, names))))
    writing.count += page.items.length
    writing.at = page.items.at(-1)?.at ?? writing.at
    writing.filter.cursor = page.next_cursor ?? ''
    tell()
  } while (writing.filter.cursor && !signal.aborted)
  if (signal.aborted) return
  const type = writing.format === 'csv' ? 'text/csv' : 'application/jsonl'
  const day = new Date().toISOString().slice(0, 10)
  saveAs(new Blob(writing.pages, { type }), `audit-${day}.${writing.format}`)
}

const wordOf = (part: Part | undefined) => (part === undefined ? '' : textOf([part]))

function toLine(entry: AuditEntry, names: Names): string {
  const { sentence, changes } = tellEntry(entry, names)
  const changed = changes.map(({ field, from, to }) =>
    from === undefined ? `${field}: ${wordOf(to)}` : `${field}: ${wordOf(from)} → ${wordOf(to)}`,
  )
  return line([
    entry.at,
    wordOf(find(names, 'user', entry.actor_id)),
    textOf(sentence),
    changed.join('; '),
    entry.action,
    entry.target_type,
    wordOf(targetOf(entry, names)),
    entry.target_id ?? '',
    entry.actor_id ?? '',
    entry.request_id ?? '',
    entry.before ? JSON.stringify(entry.before) : '',
    entry.after ? JSON.stringify(entry.after) : '',
  ])
}

function toJson(entry: AuditEntry, names: Names): string {
  const actor = wordOf(find(names, 'user', entry.actor_id)) || null
  const target = wordOf(targetOf(entry, names)) || null
  return `${JSON.stringify({ ...entry, actor, target })}\n`
}
