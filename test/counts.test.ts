// The number of flows per project, kept by triggers: after any writes, by whoever makes them, it is
// what counting gives.
import { expect, test } from 'vitest'
import { flowgateForTest } from './support/flowgate.ts'
import { randomFrom } from './support/small-worlds.ts'
import { signIn } from './support/world.ts'

test('the count per project never drifts, whatever is inserted, moved, deleted, ignored or rolled back', async () => {
  const gate = await flowgateForTest()
  await signIn(gate)
  const random = randomFrom(1)
  for (let round = 0; round < 300; round++) {
    const id = random.below(30)
    const project = random.of([null, 'p1', 'p2', 'p3'])
    const statement = random.of([
      {
        sql: `INSERT OR IGNORE INTO flow (id, name, access_type, folder_id) VALUES (?, 'x', 'PRIVATE', ?)`,
        args: [id, project],
      },
      {
        sql: `INSERT INTO flow (id, name, access_type, folder_id) VALUES (?, 'x', 'PRIVATE', ?) ON CONFLICT (id) DO UPDATE SET folder_id = excluded.folder_id`,
        args: [id, project],
      },
      { sql: 'UPDATE flow SET folder_id = ? WHERE id > ?', args: [project, id] },
      { sql: `UPDATE flow SET name = 'y' WHERE id = ?`, args: [id] },
      { sql: 'DELETE FROM flow WHERE id BETWEEN ? AND ? + 3', args: [id, id] },
    ])
    const fails = random.chance(0.2) ? ["SELECT json('no json')"] : []
    await gate.db
      .migrate([statement, ...fails])
      .catch((error: Error) => expect(error.message).toContain('malformed JSON'))
    if (round % 20 !== 0) continue
    const [counted, kept] = await gate.db.batch([
      `SELECT coalesce(folder_id, '') AS folder, count(*) AS n FROM flow GROUP BY 1 UNION ALL SELECT '*', count(*) FROM flow ORDER BY 1`,
      `SELECT folder_id AS folder, n FROM flowgate_flow_count WHERE n > 0 OR folder_id = '*' ORDER BY 1`,
    ])
    expect(kept?.rows.map((row) => [row.folder, row.n])).toEqual(
      counted?.rows.map((row) => [row.folder, row.n]),
    )
  }
})
