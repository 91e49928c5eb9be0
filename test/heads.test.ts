// The first page of somebody with many projects looks only into those with the newest flows: whatever was written,
// moved or deleted since, and whoever did it, it is the page that reading all of them gives.
import { expect, test } from 'vitest'
import { flowgateForTest } from './support/flowgate.ts'
import { randomFrom } from './support/small-worlds.ts'
import { mintToken, sessionsOfAll } from './support/tokens.ts'
import { signIn } from './support/world.ts'

const ANN = 'a'.repeat(32)
/** Sees what Ann sees, but for the flows whose number ends in 1 or 2. */
const BEN = 'e'.repeat(32)
const projects = Array.from({ length: 12 }, (_, n) => `b${String(n).padStart(31, '0')}`)
const flowOf = (n: number) => `c${String(n).padStart(31, '0')}`
const hidden = Array.from({ length: 40 }, (_, n) => flowOf(n)).filter((id) => /[12]$/.test(id))
/** Few, so that flows are written at the same time. */
const timeOf = (n: number) => `'2026-01-0${n} 00:00:00.000000'`

test('a first page is the newest of all, after any writes', async () => {
  const gate = await flowgateForTest()
  await signIn(gate)
  await gate.db.batch([
    `INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at)
     SELECT value, value, '-', 1, 0, '2026', '2026' FROM json_each('["${ANN}","${BEN}"]')`,
    `INSERT INTO role (id, name, is_system_role, created_at) VALUES ('none', 'None', 0, '2026')`,
    ...projects.flatMap((id, n) => [
      `INSERT INTO folder (id, name, is_starter_project) VALUES ('${id}', 'p${n}', 0)`,
      `INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
       SELECT u.id || '${id}', u.id, r.id, 'Project', '${id}', 0, '2026' FROM role r, user u
       WHERE r.name = 'Viewer' AND u.id IN ('${ANN}', '${BEN}') AND ${n} < 10`,
    ]),
    ...hidden.map(
      (id) => `INSERT INTO userroleassignment
        (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at)
        VALUES ('${id}', '${BEN}', 'none', 'Flow', '${id}', 0, '2026')`,
    ),
    sessionsOfAll,
  ])
  const tokens = { [ANN]: await mintToken(ANN), [BEN]: await mintToken(BEN) }
  const list = async (who: string, more: string) => {
    const headers = { authorization: `Bearer ${tokens[who]}` }
    const response = await gate.fetch(`/api/v1/flows/?paged=all${more}`, { headers })
    const { items, total } = (await response.json()) as { items: { id: string }[]; total: number }
    return { ids: items.map(({ id }) => id.replaceAll('-', '')), total }
  }
  const random = randomFrom(3)
  for (let round = 0; round < 150; round++) {
    const [id, project] = [flowOf(random.below(40)), projects[random.below(projects.length)]]
    const time = random.chance(0.8)
      ? timeOf(1 + random.below(6))
      : random.of(['NULL', '7', "'soon'"])
    await gate.db.execute(
      random.of([
        `INSERT OR IGNORE INTO flow (id, name, access_type, folder_id, updated_at) VALUES ('${id}', 'x', 'PRIVATE', '${project}', ${time})`,
        `INSERT OR IGNORE INTO flow (id, name, access_type, folder_id, updated_at) VALUES ('${id}', 'x', 'PRIVATE', '${project}', ${time})`,
        `UPDATE flow SET updated_at = ${time} WHERE id = '${id}'`,
        `UPDATE flow SET folder_id = '${project}' WHERE id = '${id}'`,
        `DELETE FROM flow WHERE id = '${id}'`,
      ]),
    )
    const { rows } = await gate.db.execute(
      `SELECT id FROM flow WHERE folder_id IN (SELECT scope_id FROM userroleassignment WHERE user_id = '${ANN}')
       ORDER BY updated_at DESC, id DESC`,
    )
    const all = rows.map(({ id }) => String(id))
    const expected = { [ANN]: all, [BEN]: all.filter((id) => !hidden.includes(id)) }
    const size = 1 + random.below(4)
    for (const [who, ids] of Object.entries(expected))
      for (const form of ['', '&header_flows=true'])
        expect(await list(who, `&size=${size}${form}`)).toEqual({
          ids: ids.slice(0, size),
          total: ids.length,
        })
  }
})
