// A small build whose data steps would show if they ran twice or not at all, with a table rebuild under a
// parent that has children: everything that can go wrong in few round trips.
import { buildRevisions } from '../../../src/cli/rehearsal.ts'

const files = {
  t0_tables: `CREATE TABLE doc (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL);
--> statement-breakpoint
CREATE TABLE line (id INTEGER PRIMARY KEY NOT NULL, doc_id INTEGER NOT NULL REFERENCES doc (id) ON DELETE CASCADE, words TEXT);
--> statement-breakpoint
CREATE TABLE effect (step TEXT NOT NULL);
--> statement-breakpoint
CREATE TABLE mark (line_id INTEGER NOT NULL);`,
  t1_size: `ALTER TABLE doc ADD COLUMN size INTEGER;
--> statement-breakpoint
CREATE INDEX ix_doc_size ON doc (size);`,
  t2_data: `INSERT INTO effect (step) VALUES ('t2');`,
  t2b_marks: `-- flowgate:repeat lines marked
INSERT INTO mark (line_id) SELECT id FROM line WHERE NOT EXISTS (SELECT 1 FROM mark WHERE line_id = line.id) LIMIT -1;
--> statement-breakpoint
-- flowgate:repeat words counted
UPDATE line SET words = words || ' ' || length(words) WHERE rowid IN (SELECT rowid FROM line WHERE words NOT LIKE '% %' LIMIT -1);`,
  t3_rebuild: `-- flowgate:acknowledge note must not be null
CREATE TABLE __new_doc (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL, size INTEGER, note TEXT DEFAULT '' NOT NULL);
--> statement-breakpoint
INSERT INTO __new_doc (id, title, size) SELECT id, title, size FROM doc;
--> statement-breakpoint
DROP TABLE doc;
--> statement-breakpoint
ALTER TABLE __new_doc RENAME TO doc;
--> statement-breakpoint
CREATE INDEX ix_doc_size ON doc (size);`,
  t4_tail: `CREATE TABLE tail (id INTEGER PRIMARY KEY NOT NULL);
--> statement-breakpoint
INSERT INTO effect (step) VALUES ('t4');`,
}

const EPOCH = 1_700_000_000_000

/** Revisions from texts by tag, a minute apart. */
export const build = (texts: Record<string, string>) =>
  buildRevisions(
    Object.entries(texts).map(([tag, text], i) => ({ tag, text, when: EPOCH + i * 60_000 })),
  )

export const toy = await build(files)
export const toyFiles = files

/** Three lines, one of them an orphan long before anybody looked. */
export const toyRows = `INSERT INTO doc (id, title) VALUES (1, 'one'), (2, 'two');
INSERT INTO line (id, doc_id, words) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 99, 'orphan');`
