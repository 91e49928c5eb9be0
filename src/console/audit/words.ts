// An entry of the audit as a sentence, and what has changed, before and after. Names are parts of their own, so that a
// page can make links of them and a file plain text.
import type { AuditEntry } from '../bodies.ts'
import { exactTime } from '../parts.tsx'
import { t } from '../texts.ts'
import { bare, find, type Names, type Part, targetOf } from './names.ts'

type Change = { field: string; from?: Part | undefined; to: Part }
export type Told = { sentence: Part[]; changes: Change[] }

const words = t.audit

export const textOf = (parts: Part[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : part.text)).join('')

/** `{who} created the flow {target}`, with these parts for the braces. */
const fill = (template: string, parts: Record<string, Part[]>): Part[] =>
  template
    .split(/\{(\w+)\}/)
    .flatMap((piece, n) => (n % 2 === 1 ? (parts[piece] ?? []) : piece === '' ? [] : [piece]))

export function tellEntry(entry: AuditEntry, names: Names): Told {
  const said = { ...entry.before, ...entry.after }
  const one = (kind: string, id: unknown): Part => find(names, kind, id) ?? words.unknown(kind)
  const who = entry.actor_id === null ? words.itself : one('user', entry.actor_id)
  const parts: Record<string, Part[]> = {
    who: [who],
    target: [targetOf(entry, names) ?? words.unknown(entry.target_type)],
    user: [one('user', said.user_id)],
    holder: said.team_id ? [words.teamOf, one('team', said.team_id)] : [one('user', said.user_id)],
    role: [typeof said.role === 'string' ? said.role : one('role', said.role_id)],
    name: [String(said.name ?? words.unknown('apikey'))],
    account: [`${said.subject} (${said.issuer})`],
    scope: scopeOf(said, one),
    action: [entry.action],
  }
  return { sentence: fill(templateFor(entry, said), parts), changes: changesOf(entry, one) }
}

function scopeOf(said: Record<string, unknown>, one: (kind: string, id: unknown) => Part): Part[] {
  const kind = String(said.scope_type).toLowerCase()
  const on = words.on[kind]
  return on ? [on, one(kind, said.scope_id)] : [words.everywhere]
}

/** The words for how it happened, if there are some of its own, else for the action. */
function templateFor(entry: AuditEntry, said: Record<string, unknown>): string {
  const { action, actor_id, target_id, after } = entry
  const about = action.startsWith('user.') ? target_id : said.user_id
  const isSelf = actor_id !== null && bare(actor_id) === bare(String(about))
  const { sentences } = words
  const how = action === 'grant.update' && after?.role_id === undefined ? 'end' : said.reason
  return (
    sentences[`${action} ${how}`] ??
    (isSelf ? sentences[`${action} self`] : undefined) ??
    sentences[action] ??
    words.other
  )
}

const kinds: Record<string, string | undefined> = {
  user_id: 'user',
  folder_id: 'project',
  parent_id: 'project',
  role_id: 'role',
  team_id: 'team',
}
/** The sentence says these already. */
const inSentence = 'user_id team_id role_id scope_type scope_id name username issuer subject'.split(
  ' ',
)

function changesOf(entry: AuditEntry, one: (kind: string, id: unknown) => Part): Change[] {
  const { before, after } = entry
  const show = (field: string, value: unknown): Part => {
    const kind = kinds[field]
    return kind && value && value !== 'changed' ? one(kind, value) : wordsOf(field, value)
  }
  if (!after) return []
  const isNew = before === null
  const isTold = (field: string) =>
    isNew
      ? !inSentence.includes(field) && isRemarkable(field, after[field])
      : JSON.stringify(after[field]) !== JSON.stringify(before[field])
  return Object.keys(after)
    .filter(isTold)
    .map((field) => ({
      field: words.fields[field] ?? field,
      ...(isNew || after[field] === 'changed' ? {} : { from: show(field, before[field]) }),
      to: show(field, after[field]),
    }))
}

/** Of a new thing: what is not as it usually is. */
const isRemarkable = (field: string, value: unknown) =>
  field === 'is_active' ? !value : Boolean(value) && value !== 'PRIVATE'

function wordsOf(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return words.blank
  if (/^(is_|locked$|decisions$)/.test(field)) return value ? words.yes : words.no
  if (field.endsWith('_at')) return exactTime(String(value))
  const text = Array.isArray(value) ? value.join(', ') : String(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
