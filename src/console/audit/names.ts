// What the ids of the audit are called: as the API says beside the entries, and where their pages are.
import type { AuditEntry, AuditName, AuditPage } from '../bodies.ts'

/** A name that may lead to a page, or plain words. */
export type Part = string | { text: string; to?: string | undefined }

export type Names = ReadonlyMap<string, AuditName>

/** Ids stand without dashes within what was recorded. */
export const bare = (id: string) => id.replaceAll('-', '')

export const namesOf = ({ names }: Pick<AuditPage, 'names'>): Names => {
  // Who is there comes before who was.
  const sorted = [...names].sort((a, b) => Number(b.is_gone) - Number(a.is_gone))
  return new Map(sorted.map((name) => [bare(name.id), name]))
}

const pages: Record<string, ((id: string) => string) | undefined> = {
  user: (id) => `/people/${id}`,
  flow: (id) => `/access/flow/${id}`,
  project: (id) => `/access/project/${id}`,
  team: (id) => `/teams/${id}`,
  role: () => '/roles',
}

/** What the entry itself says that its object is called. */
const saidBy = ({ before, after }: AuditEntry): unknown => {
  const said = after ?? before
  return said?.username ?? said?.name ?? before?.name
}

/** What the id is called, with its page unless it is gone; undefined where nobody knows. */
export function find(names: Names, kind: string, id: unknown): Part | undefined {
  const known = typeof id === 'string' ? names.get(bare(id)) : undefined
  if (!known) return undefined
  return { text: known.name, to: known.is_gone ? undefined : pages[kind]?.(known.id) }
}

/** What has no name of its own goes by whose it is. */
const whose: Record<string, string | undefined> = { member: 'team', binding: 'user' }

/** The object of an entry. */
export function targetOf(entry: AuditEntry, names: Names): Part | undefined {
  const kind = whose[entry.target_type] ?? entry.target_type
  const said = saidBy(entry)
  return find(names, kind, entry.target_id) ?? (typeof said === 'string' ? said : undefined)
}
