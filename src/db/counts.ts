// What flowgate_flow_count should hold, and how it comes to hold it again: triggers keep it, and this is for the day
// when one was lost. Both read covering indexes; a million flows in 20,000 projects cost about a second of the
// database's time.

const newest = (column: string) => `(SELECT h.${column} FROM flow h WHERE h.folder_id = f.folder_id
    ORDER BY h.updated_at DESC, h.id DESC LIMIT 1) AS ${column === 'id' ? 'head_id' : 'head'}`

const real = `SELECT f.folder_id AS id, count(*) AS n, ${newest('updated_at')}, ${newest('id')}
    FROM flow f WHERE f.folder_id IS NOT NULL GROUP BY f.folder_id
  UNION ALL SELECT '', count(*), NULL, NULL FROM flow WHERE folder_id IS NULL
  UNION ALL SELECT '*', count(*), NULL, NULL FROM flow`

/**
 * Projects whose count is not the number of their flows, or whose newest flow is another one: '' for flows in none, '*'
 * for all flows.
 */
export const differingCounts = `SELECT r.id AS folder_id, r.n AS expected, c.n AS found, r.head, r.head_id
  FROM (${real}) r LEFT JOIN flowgate_flow_count c ON c.folder_id = r.id
  WHERE coalesce(c.n, 0) <> r.n OR c.head IS NOT r.head OR c.head_id IS NOT r.head_id
  UNION ALL SELECT c.folder_id, 0, c.n, NULL, NULL FROM flowgate_flow_count c
  WHERE (c.n <> 0 OR c.head_id IS NOT NULL) AND c.folder_id NOT IN ('', '*')
    AND NOT EXISTS (SELECT 1 FROM flow f WHERE f.folder_id = c.folder_id)`

/** A repeat step: sets a slice of them right, and changes nothing once all are. */
export const restoreCounts = `-- flowgate:repeat counts of flows restored
INSERT INTO flowgate_flow_count (folder_id, n, head, head_id)
SELECT folder_id, expected, head, head_id FROM (${differingCounts}) WHERE 1 LIMIT -1
ON CONFLICT (folder_id) DO UPDATE SET n = excluded.n, head = excluded.head, head_id = excluded.head_id`
