// What a database really holds, normalised so that two databases can be compared: names and order of
// constraints vanish, what they enforce stays; names are in lower case, for SQLite compares them without
// it. Read by `observe`, and by the bundle script at build time.

export type Affinity = 'TEXT' | 'NUMERIC' | 'INTEGER' | 'REAL' | 'BLOB'
export type Column = {
  readonly type: string
  readonly affinity: Affinity
  readonly notNull: boolean
  readonly default: string | null
}
export type Index = {
  readonly name: string
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
export type Table = {
  readonly columns: Readonly<Record<string, Column>>
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly triggers: readonly string[]
}
/** Tables by name. A view in a table's place shows as a table without columns. */
export type Schema = Readonly<Record<string, Table>>

type Row = Record<string, unknown>

/** The reads that `toSchema` wants, in its order. They mention no table that may be missing. */
export const schemaQueries = [
  `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  `SELECT m.name AS tbl, c.name, c.type, c."notnull", c.dflt_value, c.pk
   FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid`,
  `SELECT m.name AS tbl, i.name AS idx, i."unique", i.origin, x.name AS col, x.desc
   FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_xinfo(i.name) x
   WHERE m.type = 'table' AND x.key = 1 ORDER BY m.name, i.name, x.seqno`,
  `SELECT m.name AS tbl, k.id, k."table" AS ref, k."from" AS col, k."to" AS ref_col, k.on_delete
   FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table' ORDER BY m.name, k.id, k.seq`,
] as const

/** Rows of `schemaQueries` -> Schema. */
export function toSchema([objects = [], columns = [], indexed = [], keyed = []]: Row[][]): Schema {
  const tables: Record<string, Table> = {}
  const sqlOf = new Map(objects.map((o) => [toName(o.name), String(o.sql ?? '')]))
  for (const { name, type } of objects) {
    if (type !== 'table' && type !== 'view') continue
    const table = String(name)
    const own = columns.filter((c) => c.tbl === table)
    tables[toName(name)] = {
      columns: Object.fromEntries(own.map((c) => [toName(c.name), toColumn(c)])),
      primaryKey: own
        .filter((c) => Number(c.pk) > 0)
        .sort((a, b) => Number(a.pk) - Number(b.pk))
        .map((c) => toName(c.name)),
      indexes: toIndexes(
        indexed.filter((i) => i.tbl === table && i.origin !== 'pk'),
        sqlOf,
      ),
      foreignKeys: toForeignKeys(keyed.filter((k) => k.tbl === table)),
      triggers: objects
        .filter((o) => o.type === 'trigger' && o.tbl_name === table)
        .map((o) => toName(o.name)),
    }
  }
  return tables
}

function toColumn(row: Row): Column {
  const type = String(row.type).toUpperCase()
  return {
    type,
    affinity: affinityOf(type),
    notNull: Number(row.notnull) === 1 || Number(row.pk) > 0,
    default:
      row.dflt_value === null ? null : normaliseDefault(String(row.dflt_value), affinityOf(type)),
  }
}

function toIndexes(rows: Row[], sqlOf: Map<string, string>): Index[] {
  return [...groupBy(rows, (row) => toName(row.idx))].map(([name, own]) => ({
    name,
    // An expression has no column name: such an index only ever equals itself.
    columns: own.map(
      (row) =>
        `${row.col === null ? `(${sqlOf.get(name)})` : toName(row.col)}${Number(row.desc) ? ' DESC' : ''}`,
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

function toForeignKeys(rows: Row[]): ForeignKey[] {
  return [...groupBy(rows, (row) => String(row.id)).values()].map((own) => ({
    columns: own.map((row) => toName(row.col)),
    table: toName(own[0]?.ref),
    references: own.map((row) => toName(row.ref_col ?? 'id')),
    onDelete: String(own[0]?.on_delete),
  }))
}

/** SQLite's rules for the affinity of a declared type (sqlite.org/datatype3.html, 3.1). */
export function affinityOf(type: string): Affinity {
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
