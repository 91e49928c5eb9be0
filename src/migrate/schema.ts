// What a database really holds of our own objects, normalised so that two databases can be compared:
// names and order of constraints vanish, what they enforce stays; names are in lower case, for SQLite
// compares them without it. Read by `observe`, and by the bundle script at build time.
import { bracketsBehind, splitTokens, squash } from './sql-text.ts'
import { isShadow, isVirtual, VIRTUAL } from './virtual.ts'

export type Affinity = 'TEXT' | 'NUMERIC' | 'INTEGER' | 'REAL' | 'BLOB'
export type Column = {
  readonly type: string
  readonly affinity: Affinity
  readonly notNull: boolean
  readonly default: string | null
}
export type Index = {
  readonly name: string
  /** With their collation where it is not BINARY, and DESC: `username COLLATE NOCASE`. */
  readonly columns: readonly string[]
  readonly unique: boolean
  /** The condition of a partial index. */
  readonly where: string | null
}
export type ForeignKey = {
  readonly columns: readonly string[]
  readonly table: string
  readonly references: readonly string[]
  readonly onDelete: string
}
export type Trigger = {
  readonly name: string
  /** Its whole definition, without comments. */
  readonly body: string
}
export type Table = {
  /** What it is, where that is not an ordinary table: `a view`, `a virtual table`, `WITHOUT ROWID`, `STRICT`. */
  readonly form?: string
  /** Of a virtual table: all of it that can be read, for its module may be missing. */
  readonly definition?: string
  readonly columns: Readonly<Record<string, Column>>
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly triggers: readonly Trigger[]
  /** Conditions of CHECK constraints. */
  readonly checks: readonly string[]
  /** `ON CONFLICT REPLACE` and its like, as the table's definition has them. */
  readonly conflicts: readonly string[]
}
/** Tables and views by name. */
export type Schema = Readonly<Record<string, Table>>

type Row = Record<string, unknown>

/** The tables whose columns and keys can be asked for: a virtual one may need a module that is not there. */
const readable = `m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'`

/** Whose objects are read: tables, and the names of indexes and triggers, which may hang on any table. In lower case. */
export type Owned = { readonly tables: readonly string[]; readonly objects: readonly string[] }

/**
 * The reads that `toSchema` wants, in its order. Nothing else in the database is touched but its list of
 * objects, so nothing else can make them fail or slow.
 */
export function schemaQueries({ tables, objects }: Owned): string[] {
  const toList = (names: readonly string[]) => `'${JSON.stringify(names).replaceAll("'", "''")}'`
  const list = toList(tables)
  const own = `FROM sqlite_master m CROSS JOIN`
  const ofOurs = `lower(m.name) IN (SELECT value FROM json_each(${list})) AND ${readable}`
  return [
    `SELECT type, name, tbl_name, sql FROM sqlite_master
     WHERE (lower(tbl_name) IN (SELECT value FROM json_each(${list}))
       OR lower(name) IN (SELECT value FROM json_each(${toList(objects)}))) AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    `SELECT m.name AS tbl, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
     ${own} pragma_table_xinfo(m.name) c WHERE ${ofOurs} ORDER BY m.name, c.cid`,
    `SELECT m.name AS tbl, i.name AS idx, i."unique", i.origin, x.name AS col, x.desc, x.coll
     ${own} pragma_index_list(m.name) i CROSS JOIN pragma_index_xinfo(i.name) x
     WHERE ${ofOurs} AND x.key = 1 ORDER BY m.name, i.name, x.seqno`,
    `SELECT m.name AS tbl, k.id, k."table" AS ref, k."from" AS col, k."to" AS ref_col, k.on_delete
     ${own} pragma_foreign_key_list(m.name) k WHERE ${ofOurs} ORDER BY m.name, k.id, k.seq`,
  ]
}

/** Rows of `schemaQueries` -> Schema. */
export function toSchema([objects = [], columns = [], indexed = [], keyed = []]: Row[][]): Schema {
  const tables: Record<string, Table> = {}
  const strangers = new Set<string>()
  const sqlOf = new Map(objects.map((o) => [toName(o.name), String(o.sql ?? '')]))
  const isOf = (name: string) => (row: Row) => toName(row.tbl) === name
  for (const { name: stored, type, sql } of objects) {
    if (type !== 'table' && type !== 'view') continue
    const name = toName(stored)
    const form = formOf(type, String(sql ?? ''))
    if (isShadow(name, sqlOf)) continue
    const own = columns.filter(isOf(name))
    const indexes = indexed.filter(isOf(name))
    tables[name] = {
      ...(form ? { form } : {}),
      ...(form === VIRTUAL ? { definition: squash(String(sql)) } : {}),
      columns: Object.fromEntries(own.map((c) => [toName(c.name), toColumn(c)])),
      primaryKey: toPrimaryKey(own, indexes),
      indexes: toIndexes(
        indexes.filter((i) => i.origin !== 'pk'),
        sqlOf,
      ),
      foreignKeys: toForeignKeys(keyed.filter(isOf(name))),
      triggers: objects
        .filter((o) => o.type === 'trigger' && toName(o.tbl_name) === name)
        .map((o) => ({ name: toName(o.name), body: squash(String(o.sql)) })),
      checks: bracketsBehind('CHECK', String(sql ?? '')),
      conflicts: conflictsOf(String(sql ?? '')),
    }
  }
  for (const { name, type, tbl_name } of objects) {
    const table = toName(tbl_name)
    if (isShadow(table, sqlOf)) continue
    if (tables[table] && !strangers.has(table)) continue
    strangers.add(table)
    tables[table] = withObject(tables[table] ?? nothing, String(type), toName(name))
  }
  return tables
}

/** A table of which nothing is known; or one that is not ours, where only objects with our names hang on it. */
export const nothing: Table = {
  columns: {},
  primaryKey: [],
  indexes: [],
  foreignKeys: [],
  triggers: [],
  checks: [],
  conflicts: [],
}

function withObject(table: Table, type: string, name: string): Table {
  if (type === 'trigger') return { ...table, triggers: [...table.triggers, { name, body: '' }] }
  const index = { name, columns: [], unique: false, where: null }
  return { ...table, indexes: [...table.indexes, index] }
}

function formOf(type: unknown, sql: string): string | undefined {
  if (type === 'view') return 'a view'
  const text = squash(sql)
  if (isVirtual(text)) return VIRTUAL
  const options = text.slice(text.lastIndexOf(')') + 1).toUpperCase()
  const forms = ['STRICT', 'WITHOUT ROWID'].filter((form) => options.includes(form))
  return forms.length > 0 ? forms.join(', ') : undefined
}

function conflictsOf(sql: string): string[] {
  const words = splitTokens(squash(sql)).filter((token) => token.trim() !== '')
  return words.flatMap((word, i) =>
    /^ON$/i.test(word) && /^CONFLICT$/i.test(words[i + 1] ?? '')
      ? [`ON CONFLICT ${words[i + 2]?.toUpperCase()}`]
      : [],
  )
}

function toColumn(row: Row): Column {
  // 2 and 3 are generated columns, which take no values.
  const type = String(row.type).toUpperCase() + (Number(row.hidden ?? 0) > 1 ? ' GENERATED' : '')
  return {
    type,
    affinity: affinityOf(type),
    notNull: Number(row.notnull) === 1 || Number(row.pk) > 0,
    default:
      row.dflt_value === null ? null : normaliseDefault(String(row.dflt_value), affinityOf(type)),
  }
}

/** Such a column takes no values. */
export const isGenerated = (column: Column | undefined): boolean =>
  column?.type.endsWith(' GENERATED') ?? false

/** The collation is that of the key's index; a rowid has none. */
function toPrimaryKey(columns: Row[], indexes: Row[]): string[] {
  return columns
    .filter((c) => Number(c.pk) > 0)
    .sort((a, b) => Number(a.pk) - Number(b.pk))
    .map((c) => {
      const key = indexes.find((i) => i.origin === 'pk' && toName(i.col) === toName(c.name))
      return toName(c.name) + collationOf(key)
    })
}

function toIndexes(rows: Row[], sqlOf: Map<string, string>): Index[] {
  return [...groupBy(rows, (row) => toName(row.idx))].map(([name, own]) => ({
    name,
    // An expression has no column name: such an index only ever equals itself.
    columns: own.map(
      (row) =>
        `${row.col === null ? `(${sqlOf.get(name)})` : toName(row.col)}${collationOf(row)}${Number(row.desc) ? ' DESC' : ''}`,
    ),
    unique: Number(own[0]?.unique) === 1,
    where:
      /\bWHERE\b([\s\S]*)$/i
        .exec(sqlOf.get(name) ?? '')?.[1]
        ?.replace(/[\s"`]+/g, ' ')
        .trim()
        .toLowerCase() ?? null,
  }))
}

const collationOf = (row: Row | undefined): string =>
  typeof row?.coll === 'string' && row.coll.toUpperCase() !== 'BINARY'
    ? ` COLLATE ${row.coll.toUpperCase()}`
    : ''

function toForeignKeys(rows: Row[]): ForeignKey[] {
  return [...groupBy(rows, (row) => String(row.id)).values()].map((own) => ({
    columns: own.map((row) => toName(row.col)),
    table: toName(own[0]?.ref),
    references: own.map((row) => toName(row.ref_col ?? 'id')),
    onDelete: String(own[0]?.on_delete),
  }))
}

/** SQLite's rules for the affinity of a declared type (sqlite.org/datatype3.html, 3.1). */
function affinityOf(type: string): Affinity {
  if (/INT/.test(type)) return 'INTEGER'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'TEXT'
  if (/BLOB/.test(type) || type === '') return 'BLOB'
  if (/REAL|FLOA|DOUB/.test(type)) return 'REAL'
  return 'NUMERIC'
}

/** `'0'`, `0`, `(0)` and `false` are one default for a numeric column. */
function normaliseDefault(text: string, affinity: Affinity): string {
  const bare = text.replace(/^\((.*)\)$/s, '$1').trim()
  if (affinity === 'TEXT') return bare
  return bare
    .replace(/^'(.*)'$/s, '$1')
    .replace(/^false$/i, '0')
    .replace(/^true$/i, '1')
    .toUpperCase()
}

const toName = (value: unknown) => String(value).toLowerCase()

function groupBy(rows: Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return groups
}
