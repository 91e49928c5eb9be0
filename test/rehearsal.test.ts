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

const keeping = "CREATE TRIGGER kept BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'kept'); END;"
const base = `CREATE TABLE a (id INTEGER PRIMARY KEY NOT NULL, n TEXT NOT NULL);
--> statement-breakpoint
CREATE TABLE b (id INTEGER PRIMARY KEY NOT NULL);
--> statement-breakpoint
CREATE UNIQUE INDEX unique_n ON a (n);
--> statement-breakpoint
CREATE INDEX ix_n ON a (n);
--> statement-breakpoint
CREATE VIEW v AS SELECT id FROM b;
--> statement-breakpoint
${keeping}`
const rebuild = `CREATE TABLE __new_a (id INTEGER PRIMARY KEY NOT NULL, n TEXT NOT NULL, m TEXT);
--> statement-breakpoint
INSERT INTO __new_a (id, n) SELECT id, n FROM a;
--> statement-breakpoint
DROP TABLE a;
--> statement-breakpoint
ALTER TABLE __new_a RENAME TO a;
--> statement-breakpoint
CREATE UNIQUE INDEX unique_n ON a (n);`

const unsaid: [what: string, text: string, words: RegExp][] = [
  ['DROP TRIGGER', 'DROP TRIGGER kept;', /^b: drops trigger kept/],
  ['DROP TRIGGER IF EXISTS', 'drop /* it */ trigger if exists "kept";', /^b: drops trigger kept/],
  ['DROP VIEW', 'DROP VIEW v;', /^b: drops view v/],
  ['DROP of a unique index', 'DROP INDEX unique_n;', /^b: unique a\(n\) is gone afterwards/],
  ['RENAME of a table', 'ALTER TABLE b RENAME TO c;', /^b: renames in table b/],
  ['RENAME of a column', 'ALTER TABLE a RENAME COLUMN n TO m;', /^b: renames in table a/],
  ['RENAME of a column, in short', 'ALTER TABLE a RENAME n TO m;', /^b: renames in table a/],
  ['DROP COLUMN', 'ALTER TABLE b DROP COLUMN x;', /^b: drops column b\.x/],
  ['DELETE', 'DELETE FROM b;', /^b: deletes rows/],
  [
    'DELETE behind WITH',
    "WITH gone(id) AS (SELECT ') DELETE' FROM b) DELETE FROM b WHERE id IN (SELECT id FROM gone);",
    /^b: deletes rows/,
  ],
  [
    'DELETE behind WITH RECURSIVE of two',
    'WITH RECURSIVE x(i) AS (SELECT 1), y AS MATERIALIZED (SELECT i FROM x) DELETE FROM b WHERE id IN y;',
    /^b: deletes rows/,
  ],
  ['a rebuild', rebuild, /^b: .*rebuilds table a/],
  ['a private table dropped', 'DROP TABLE flowgate_lease;', /^b: drops table flowgate_lease/],
  [
    'the ledger dropped',
    'DROP TABLE `__drizzle_migrations`;',
    /^b: drops table __drizzle_migrations/,
  ],
]

test.each(unsaid)('%s needs a reason in its file, which is named', async (_, text, words) => {
  const files = (b: string) => [file('a', 1000, base), file('b', 2000, b)]
  await expect(buildRevisions(files(text))).rejects.toThrow(words)
  await expect(buildRevisions(files(text))).rejects.toThrow('-- flowgate:acknowledge <why>')
})

test('a reason is enough, but it must be one', async () => {
  const drop = 'DROP INDEX unique_n;'
  const files = (b: string) => [file('a', 1000, base), file('b', 2000, b)]
  await expect(buildRevisions(files(`-- flowgate:acknowledge \n${drop}`))).rejects.toThrow(/^b: /)
  const [, b] = await buildRevisions(files(`-- flowgate:acknowledge twice the same\n${drop}`))
  expect(b?.schema.a?.indexes.map(({ name }) => name)).toEqual(['ix_n'])
})

test('what is only slower needs no reason', async () => {
  const [, b] = await buildRevisions([file('a', 1000, base), file('b', 2000, 'DROP INDEX ix_n;')])
  expect(b?.destructive).toEqual([])
})

test('the reason for a rebuild is none for the trigger that it loses', async () => {
  const files = (reason: string) => [
    file('a', 1000, base),
    file('b', 2000, `-- flowgate:acknowledge ${reason}\n${rebuild}`),
  ]
  await expect(buildRevisions(files('there must be an m'))).rejects.toThrow(
    /^b: trigger kept is gone afterwards/,
  )
  const [, b] = await buildRevisions(files('there must be an m, and Kept goes: nothing is kept'))
  expect(b?.schema.a?.triggers).toEqual([])
  const [, again] = await buildRevisions([
    file('a', 1000, base),
    file('b', 2000, `-- flowgate:acknowledge m\n${rebuild}\n--> statement-breakpoint\n${keeping}`),
  ])
  expect(again?.schema.a?.triggers).toHaveLength(1)
})

const untakeable: [what: string, text: string][] = [
  ['ANALYZE', 'ANALYZE;'],
  ['CREATE TEMP TABLE', 'CREATE TEMP TABLE t (id INTEGER);'],
  [
    "a statement behind a trigger's END",
    'CREATE TRIGGER t AFTER INSERT ON b BEGIN SELECT 1; END; CREATE TABLE behind (id INTEGER);',
  ],
  ['a statement that fails', 'INSERT INTO nowhere VALUES (1);'],
  ['words that are no SQL', 'SELEKT 1;'],
  ['BEGIN', 'BEGIN;'],
  ['a PRAGMA', 'PRAGMA foreign_keys = ON;'],
  ['two statements', 'CREATE TABLE x (id INTEGER); CREATE TABLE y (id INTEGER);'],
  ['nothing', '-- nothing\n'],
]

test.each(untakeable)('%s is refused by the name of its file', async (_, text) => {
  await expect(buildRevisions([file('a', 1000, base), file('b', 2000, text)])).rejects.toThrow(
    /^b[:,]/,
  )
})
