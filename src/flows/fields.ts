// What is read of each flow, apart from its graph. It comes as JSON: libSQL wraps each value in an object
// of its own and the client each row in another, which costs more than reading them. Any value may stand
// in any column: what JSON cannot hold is read as text, what libSQL cannot carry is cut.
import { ownerOf } from '../access/owners.ts'
import { type Asking, decidingScope, mayFlow, permissions } from '../access/predicate.ts'
import { type SQL, sql } from '../db/sql.ts'
import { type HasSchema, namesOf } from '../wire.ts'
import { TAG } from './etag.ts'
import { MAX_TEXT } from './params.ts'
import { toFlowHeader, toFlowRead } from './view.ts'

/** A value beyond it may be one that libSQL refuses to look into, 5 MB unless told otherwise. Its length can be asked. */
export const MAX_VALUE = 4_900_000

/** Texts that may be long. Where an adopted database holds longer ones than flowgate takes, they end early. */
const texts =
  'name description icon gradient endpoint_name tags action_name action_description'.split(' ')
const flags = ['is_component', 'webhook', 'locked', 'mcp_enabled']
const sumOf = (bytes: (length: string) => string, of = texts) =>
  sql.raw(of.map((name) => `coalesce(${bytes(`octet_length(f.${name})`)}, 0)`).join(' + '))
const inTexts = sumOf((length) => length)
/** Of a header even the length of any other would be asked of the row. */
const inHeaderTexts = sumOf(
  (length) => length,
  texts.filter((name) => namesOf(toFlowHeader).includes(name)),
)
/** Those that are looked into. */
const inReadable = sumOf((length) => `${length} * (${length} <= ${MAX_VALUE})`)

/** SQL: most bytes that a flow `f` and its graph come to in JSON, where a control character becomes six. */
export const bytesOf = ({ headers }: Shown, graphBytes: SQL): SQL =>
  sql`6 * (${headers ? inHeaderTexts : inTexts}) + coalesce(${graphBytes}, 0)`

/** SQL: the same with a graph of these bytes for a flow by itself, closer where texts are long. */
export const objectBytesOf = (graphBytes: SQL): SQL =>
  sql`min(6 * (${inReadable}), ${MAX_VALUE}) + coalesce(${graphBytes}, 0)`

/** What is shown of each flow. */
export type Shown = {
  readonly headers: boolean
  readonly actions: boolean
  readonly owner?: boolean | undefined
  /** The time of its last change, in a header too. */
  readonly updated?: boolean | undefined
  /** Nothing but the id. */
  readonly idsOnly?: true
}

/** SQL: alternating names and values of a flow `f`, all that its view shows but for the graph. */
export function fieldsOf(shown: Shown, asCaller: Asking): SQL {
  const { headers, actions, owner, updated } = shown
  const more = [
    ...(actions ? [actionFields(asCaller)] : []),
    ...(owner ? [ownerField] : []),
    ...(headers && updated ? [updatedField] : []),
  ]
  return sql`${headers ? headerFields : readFields}${sql.join(more, sql``)}`
}

/** Most bytes of the owner in JSON: of a name each character may take three, or six. */
export const OWNER_BYTES = 900
const ownerField = sql`, 'owner', json(${ownerOf(sql`f.user_id`)})`

/** SQL: the same as a JSON object of bytes, for a flow by itself: its texts whole, unless all of them would not fit into a value. */
export const flowObject = (): SQL => sql`CAST(CASE WHEN 6 * (${inReadable}) <= ${MAX_VALUE}
  THEN json_object(${namesAndValues(toFlowRead, whole)}) ELSE json_object(${readFields}) END AS BLOB)`

const namesAndValues = (view: HasSchema, long: (column: string) => string) =>
  sql.raw(
    namesOf(view)
      .filter((name) => name !== 'data' && name !== 'data_state')
      .map((name) => `'${name}', ${read(name, long)}`)
      .join(', '),
  )
function read(name: string, long: (column: string) => string): string {
  if (name === 'access_type') return access
  if (name === 'etag') return TAG
  if (texts.includes(name)) return long(`f.${name}`)
  if (flags.includes(name)) return `f.${name} IS TRUE`
  return name === 'updated_at' ? time : `CAST(f.${name} AS TEXT)`
}
const whole = (column: string) =>
  `CASE WHEN octet_length(${column}) <= ${MAX_VALUE} THEN CAST(${column} AS TEXT) END`
const short = (column: string) =>
  `CASE WHEN octet_length(${column}) <= ${MAX_VALUE} THEN substr(CAST(${column} AS TEXT), 1, ${MAX_TEXT}) END`
/** Exactly what the public endpoint asks for is PUBLIC. */
const access = `iif(f.access_type = 'PUBLIC', 'PUBLIC', 'PRIVATE')`
const time = `CASE typeof(f.updated_at) WHEN 'blob' THEN CAST(f.updated_at AS TEXT) ELSE f.updated_at END`
const updatedField = sql.raw(`, 'updated_at', ${time}`)
const readFields = namesAndValues(toFlowRead, short)
const headerFields = namesAndValues(toFlowHeader, short)
const actionFields = (asCaller: Asking) =>
  sql`, 'scope', ${decidingScope(sql`f.id`, sql`f.folder_id`, asCaller)}, ${sql.join(
    permissions.map(
      (p) => sql`${sql.raw(`'${p}'`)}, ${mayFlow(p, sql`f.id`, sql`f.folder_id`, asCaller)}`,
    ),
    sql`, `,
  )}`
