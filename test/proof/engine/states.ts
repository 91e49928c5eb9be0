// Start states of the proof: how each comes to be, and where the engine must take it or leave it.

import type { InStatement } from '@libsql/client'
import { revisions } from '../../../migrations/bundle.ts'
import { openDatabase } from '../../../src/db/client.ts'
import type { Verdict } from '../../../src/migrate/plan.ts'
import type { Revisions } from '../../../src/migrate/revision.ts'
import { migrate } from '../../../src/migrate/run.ts'
import { LEDGER } from '../../../src/migrate/tables.ts'
import { dump, type TestDatabase } from '../../support/database.ts'
import { older } from '../../support/databases.ts'
import { langbuilderSql, langbuilders } from '../../support/langbuilder.ts'
import { toy, toyRows } from './toy.ts'

export type State = {
  readonly name: string
  readonly build: Revisions
  readonly verdict: Verdict
  /** Where it ends by itself; otherwise the refusal's code. */
  readonly end: 'at_head' | 'ahead' | { refusal: string }
  /** Data steps that the ledger cannot vouch for may run again after a stamp. */
  readonly effects?: Record<string, number>
  prepare(database: TestDatabase): Promise<unknown>
}

const SQL_OFF = 'PRAGMA foreign_keys = OFF;'
const dropPrivate = `DROP TABLE ${LEDGER}; DROP TABLE flowgate_lease; DROP TABLE flowgate_guard;`
export const foreignSql = `CREATE TABLE ledger_of_others (id INTEGER PRIMARY KEY, note TEXT);
INSERT INTO ledger_of_others VALUES (1, 'theirs');`

/** The toy database at a revision, with its rows. */
async function reach(database: TestDatabase, tag: string): Promise<void> {
  const open = () => openDatabase({ url: database.url })
  await migrate(open(), older(toy, 1))
  await database.client.executeMultiple(SQL_OFF + toyRows)
  const upTo = toy.findIndex((revision) => revision.tag === tag) + 1
  if (upTo > 1) await migrate(open(), older(toy, upTo))
}

const at = (tag: string, sql = '') => ({
  build: toy,
  async prepare(database: TestDatabase) {
    await reach(database, tag)
    await database.client.executeMultiple(SQL_OFF + sql)
  },
})

const tags = toy.map((revision) => revision.tag)
const headTag = tags.at(-1) as string
const EFFECTS_ONCE = { t2: 1, t4: 1 }

export const states: State[] = [
  { name: 'empty', build: toy, verdict: 'empty', end: 'at_head', prepare: async () => {} },
  {
    name: 'empty among foreign tables',
    build: toy,
    verdict: 'empty',
    end: 'at_head',
    prepare: (database) => database.client.executeMultiple(foreignSql),
  },
  ...tags.map((tag): State => {
    const verdict = tag === headTag ? 'at_head' : 'behind'
    return { name: `at ${tag}`, verdict, end: 'at_head', ...at(tag) }
  }),
  ...tags.flatMap((tag): State[] => {
    // t1 to t2b share a schema: from t2 on, its data step runs a second time (a real one is idempotent).
    const effects = tag === 't2_data' || tag === 't2b_marks' ? { t2: 2, t4: 1 } : EFFECTS_ONCE
    const state = { verdict: 'unstamped', end: 'at_head', effects } as const
    return [
      { name: `unstamped at ${tag}`, ...state, ...at(tag, dropPrivate) },
      {
        name: `unstamped at ${tag} among foreign tables`,
        ...state,
        ...at(tag, dropPrivate + foreignSql),
      },
    ]
  }),
  ...langbuilders.map(
    (langbuilder): State => ({
      name: `LangBuilder ${langbuilder.origin} at ${langbuilder.at}`,
      build: revisions,
      verdict: 'unstamped',
      end: 'at_head',
      prepare: (database) => database.client.executeMultiple(langbuilderSql(langbuilder)),
    }),
  ),
  {
    name: "behind in drizzle 0.x's ledger",
    verdict: 'behind',
    end: 'at_head',
    ...at(
      't1_size',
      `CREATE TABLE old AS SELECT hash, created_at FROM ${LEDGER}; ${dropPrivate}
       CREATE TABLE ${LEDGER} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
       INSERT INTO ${LEDGER} (hash, created_at) SELECT * FROM old; DROP TABLE old;`,
    ),
  },
  {
    name: 'ahead',
    verdict: 'ahead',
    end: 'ahead',
    ...at(
      headTag,
      `INSERT INTO ${LEDGER} (hash, created_at, name) VALUES ('f', 1900000000000, '0005_later');`,
    ),
  },
  {
    name: 'ahead of a break',
    verdict: 'ahead',
    end: { refusal: 'schema_breaking' },
    ...at(
      headTag,
      `INSERT INTO ${LEDGER} (hash, created_at, name, breaks) VALUES ('f', 1900000000000, '0005_later', 1);`,
    ),
  },
  {
    name: 'partial: a table is missing',
    verdict: 'partial',
    end: { refusal: 'schema_partial' },
    ...at('t1_size', `${dropPrivate} DROP TABLE line;`),
  },
  {
    name: 'partial: a column of ours that nobody fills',
    verdict: 'partial',
    end: { refusal: 'schema_partial' },
    ...at(
      't0_tables',
      `${dropPrivate} DROP TABLE effect; CREATE TABLE effect (step TEXT NOT NULL, theirs TEXT NOT NULL);`,
    ),
  },
  {
    name: 'partial: an object of a later revision',
    verdict: 'partial',
    end: { refusal: 'schema_partial' },
    ...at('t1_size', `${dropPrivate} CREATE TABLE tail (id INTEGER PRIMARY KEY NOT NULL);`),
  },
  {
    name: 'partial: the only copy is in a leftover',
    verdict: 'partial',
    end: { refusal: 'schema_partial' },
    ...at('t2_data', `${dropPrivate} ALTER TABLE doc RENAME TO __new_doc;`),
  },
  {
    name: 'partial: nothing but a leftover',
    build: toy,
    verdict: 'partial',
    end: { refusal: 'schema_partial' },
    prepare: (database) =>
      database.client.executeMultiple(
        `CREATE TABLE _alembic_tmp_doc (id INTEGER PRIMARY KEY); INSERT INTO _alembic_tmp_doc VALUES (7);`,
      ),
  },
  {
    name: 'drifted: the ledger says more than the schema',
    verdict: 'drifted',
    end: { refusal: 'schema_drifted' },
    ...at('t1_size', 'DROP INDEX ix_doc_size; ALTER TABLE doc DROP COLUMN size;'),
  },
  {
    name: 'drifted: everything but the ledger is gone',
    verdict: 'drifted',
    end: { refusal: 'schema_drifted' },
    ...at(headTag, 'DROP TABLE line; DROP TABLE doc; DROP TABLE effect; DROP TABLE tail;'),
  },
  {
    name: 'diverged: a gap',
    verdict: 'diverged',
    end: { refusal: 'schema_diverged' },
    ...at('t3_rebuild', `DELETE FROM ${LEDGER} WHERE name = 't1_size';`),
  },
  {
    name: 'diverged: a stranger among ours',
    verdict: 'diverged',
    end: { refusal: 'schema_diverged' },
    ...at(
      't1_size',
      `INSERT INTO ${LEDGER} (hash, created_at, name) VALUES ('f', 1900000000000, '0001_theirs');`,
    ),
  },
  {
    name: 'tampered',
    verdict: 'tampered',
    end: { refusal: 'schema_tampered' },
    ...at(
      't3_rebuild',
      `UPDATE ${LEDGER} SET hash = 'e', content_hash = 'e' WHERE name = 't1_size';`,
    ),
  },
]

export const effectsOf = (state: State) =>
  state.build === toy ? (state.effects ?? EFFECTS_ONCE) : undefined

const dumps = new Map<string, InStatement[]>()

/** Brings an empty database to the state: the first time as its makers would, then from a dump of that. */
export async function enter(database: TestDatabase, state: State): Promise<void> {
  const known = dumps.get(state.name)
  if (known === undefined) {
    await state.prepare(database)
    dumps.set(state.name, await dump(database.client))
  } else if (known.length > 0) await database.client.migrate(known)
}
