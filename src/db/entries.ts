// What the search's index should hold, and how it comes to hold it again: triggers keep it, and this is for the day when one
// was lost. Told is what an entry says of its flow (project, time, length of its texts), and whether the index has it.

const size = ['name', 'endpoint_name', 'tags', 'description']
  .map((column) => `coalesce(octet_length(f.${column}), 0)`)
  .join(' + ')

/** Ids of flows that are not in the index as they are, or not at all, and of entries without a flow. */
export const staleEntries = `SELECT f.id FROM flow f LEFT JOIN flowgate_search_entry e ON e.flow_id = f.id
    LEFT JOIN flowgate_search_docsize d ON d.id = e.at
  WHERE d.id IS NULL OR e.folder_id IS NOT f.folder_id OR e.updated_at IS NOT f.updated_at OR e.size IS NOT ${size}
  UNION ALL SELECT e.flow_id FROM flowgate_search_entry e WHERE NOT EXISTS (SELECT 1 FROM flow f WHERE f.id = e.flow_id)`

/** Numbers of what is in the index without an entry. */
export const lostEntries = `SELECT d.id FROM flowgate_search_docsize d
  WHERE NOT EXISTS (SELECT 1 FROM flowgate_search_entry e WHERE e.at = d.id)`

/** Steps, each repeated until it changes nothing: what is wrong leaves, what is missing is entered. */
export const restoreEntries = [
  `-- flowgate:repeat entries of the search taken out
DELETE FROM flowgate_search WHERE rowid IN (SELECT id FROM (${lostEntries}) LIMIT -1)`,
  `-- flowgate:repeat entries of the search left
DELETE FROM flowgate_search_entry WHERE flow_id IN (SELECT e.flow_id FROM flowgate_search_entry e
  WHERE NOT EXISTS (SELECT 1 FROM flow f WHERE f.id = e.flow_id) LIMIT -1)`,
  `-- flowgate:repeat entries of the search begun
INSERT INTO flowgate_search_entry (flow_id) SELECT f.id FROM flow f
WHERE NOT EXISTS (SELECT 1 FROM flowgate_search_entry e WHERE e.flow_id = f.id) LIMIT -1`,
  // Without a number it is made anew, by a trigger.
  `-- flowgate:repeat entries of the search restored
UPDATE flowgate_search_entry SET at = NULL WHERE flow_id IN (SELECT id FROM (${staleEntries}) LIMIT -1)`,
]
