// What is read of each flow of a listing. It comes as JSON: libSQL wraps each value in an object of its
// own and the client each row in another, which costs more than reading them.
import { type SQL, sql } from 'drizzle-orm'
import { decidingScope, mayFlow, permissions } from '../access/predicate.ts'
import { asCaller } from '../access/visible.ts'
import { type Described, namesOf } from '../wire.ts'
import { MAX_TEXT } from './params.ts'
import { toFlowHeader, toFlowRead } from './view.ts'

/** Texts that may be long. Where an adopted database holds longer ones than flowgate takes, they end early. */
const texts =
  'name description icon gradient endpoint_name tags action_name action_description'.split(' ')

/** SQL: most bytes that a flow `f` and its graph come to in JSON, where a control character becomes six. */
export const bytesOf = (graph: SQL): SQL => sql`6 * octet_length(concat(${allTexts}))
  + coalesce(octet_length(${graph}), 0)`
const allTexts = sql.raw(texts.map((name) => `f.${name}`).join(', '))

/** SQL: names and values of a flow `f` by turns, all that its view shows but for the graph. */
export function fieldsOf({ headers, actions }: { headers: boolean; actions: boolean }): SQL {
  return sql`${headers ? headerFields : readFields}${actions ? actionFields : sql``}`
}

const namesAndValues = (view: Described) =>
  sql.raw(
    namesOf(view)
      .filter((name) => name !== 'data')
      .map((name) => `'${name}', ${texts.includes(name) ? short(name) : `f.${name}`}`)
      .join(', '),
  )
const short = (name: string) => `substr(f.${name}, 1, ${MAX_TEXT})`
const readFields = namesAndValues(toFlowRead)
const headerFields = namesAndValues(toFlowHeader)
const actionFields = sql`, 'scope', ${decidingScope(sql`f.id`, sql`f.folder_id`, asCaller)}, ${sql.join(
  permissions.map(
    (p) => sql`${sql.raw(`'${p}'`)}, ${mayFlow(p, sql`f.id`, sql`f.folder_id`, asCaller)}`,
  ),
  sql`, `,
)}`
