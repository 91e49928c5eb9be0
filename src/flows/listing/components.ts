// Which flows are components: what else is said of graphs is said by graph.ts.
import { sql } from '../../db/sql.ts'
import { MAX_VALUE } from '../fields.ts'

/** SQL boolean over a header `f`: a component by its flag; where that is unset, by its graph. */
export const isComponent = sql`coalesce(f.is_component, (SELECT CASE
  WHEN octet_length(g.data) <= ${sql.raw(String(MAX_VALUE))} AND json_valid(CAST(g.data AS TEXT)) THEN coalesce(
    json_extract(CAST(g.data AS TEXT), '$.is_component'), json_array_length(CAST(g.data AS TEXT), '$.nodes') = 1, 0)
  ELSE 0 END FROM flow g WHERE g.rowid = f.rowid))`
