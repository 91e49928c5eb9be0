import { expect, test } from 'vitest'
import { buildRevisions } from '../src/cli/rehearsal.ts'

const file = (tag: string, when: number, text = `CREATE TABLE ${tag} (id INTEGER);`) => ({
  tag,
  when,
  text,
})

test('each revision carries the schema that it leaves behind; a data revision shares it', async () => {
  const [a, b] = await buildRevisions([
    file('a', 1000),
    file('b', 2000, 'INSERT INTO a VALUES (1);'),
  ])
  expect(Object.keys(a?.schema ?? {})).toEqual(['a'])
  expect(b?.schema).toBe(a?.schema)
})

test('two revisions of the same second are refused: drizzle keeps seconds and could not tell them apart', async () => {
  await expect(buildRevisions([file('a', 1000), file('b', 1999)])).rejects.toThrow(/^b: its `when`/)
})

test('a revision that takes something away needs a reason in its file', async () => {
  const drop = 'DROP TABLE a;'
  await expect(buildRevisions([file('a', 1000), file('b', 2000, drop)])).rejects.toThrow(
    /^b: drops table a.*flowgate:acknowledge/s,
  )
  const [, b] = await buildRevisions([
    file('a', 1000),
    file('b', 2000, `-- flowgate:acknowledge nobody reads it\n${drop}`),
  ])
  expect(b?.destructive).toEqual(['drops table a'])
})
