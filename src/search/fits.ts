// The same question about flows that are looked at one by one for other reasons.
import { type SQL, sql } from '../db/sql.ts'
import { fitsOf, labelOf, wordsOf } from './match.ts'
import type { Wanted } from './words.ts'

/** SQL boolean: the flow `f`, of this project or of any, fits the text. In a project, all that fit there are looked up at once. */
export function fits(text: Wanted, folderId?: SQL): SQL {
  const sought = { text, tags: [], componentsOnly: false }
  const before = sql`WITH held AS MATERIALIZED (SELECT ${wordsOf(sought)} AS words),
    wanted AS MATERIALIZED (SELECT ${fitsOf(sought)} AS fits FROM held c),`
  const wanted = sql`(SELECT fits FROM wanted)`
  if (!folderId)
    return sql`EXISTS (${before} entry AS (SELECT at FROM flowgate_search_entry WHERE flow_id = f.id)
      SELECT 1 FROM entry e CROSS JOIN flowgate_search s ON s.rowid = e.at WHERE s.flowgate_search MATCH ${wanted})`
  return sql`f.id IN (${before} fitting AS (SELECT rowid AS at FROM flowgate_search
      WHERE flowgate_search MATCH ${wanted} || ' AND labels : ' || ${labelOf(folderId)})
    SELECT e.flow_id FROM fitting CROSS JOIN flowgate_search_entry e ON e.at = fitting.at)`
}
