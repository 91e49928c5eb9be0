// Virtual tables, of which no more can be told than how they were made. Pure.

/** What the form of one is called. */
export const VIRTUAL = 'a virtual table'

export const isVirtual = (sql: string | undefined): boolean =>
  /^CREATE\s+VIRTUAL\s/i.test(sql ?? '')

/** What FTS5 keeps of the virtual table `x`, in ordinary tables that it makes and drops by itself. */
const SHADOWS = /_(?:data|idx|content|docsize|config)$/

export const isShadow = (name: string, sqlOf: ReadonlyMap<string, string>): boolean =>
  SHADOWS.test(name) && isVirtual(sqlOf.get(name.replace(SHADOWS, '')))
