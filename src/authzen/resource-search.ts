// What may they do it to? Flows by the statement of the listing, about somebody who need not be the caller; projects, of
// which there are fewer, one by one.
import type { Ask } from '../access/ask.ts'
import { mayFlow } from '../access/predicate.ts'
import { type Action, asSubject, rolesFor } from '../access/subjects.ts'
import { callerLike } from '../access/terms.ts'
import { one } from '../db/batch.ts'
import { sql } from '../db/sql.ts'
import type { Listing } from '../flows/listing/page.ts'
import { readSlice, type Slice } from '../flows/listing/slice.ts'
import { type Asker, arePermitted, askedAbout, requirePermitted } from './asking.ts'
import type { Subject } from './questions.ts'

/** The flows that anybody may do this to: ids alone, newest first. */
export const flowsFor = (action: Action): Listing => ({
  within: { kind: 'everywhere' },
  order: 'updated',
  headers: true,
  idsOnly: true,
  actions: false,
  componentsOnly: false,
  withoutExamples: false,
  action,
})

/** Throws 403 where the subject is not for the caller to ask about. */
export const readFlows = (
  asker: Asker,
  subject: Subject,
  listing: Listing & { action: Action },
  span: Parameters<typeof readSlice>[2],
): Promise<Slice> => readSlice(lookingAs(asker, subject, listing.action), listing, span)

const theSubject = sql`SELECT * FROM subject`

/** The caller's `ask`, which looks as if the subject asked. */
function lookingAs(asker: Asker, subject: Subject, action: Action): Ask {
  const { ask } = asker
  return {
    ...ask,
    async look(columns) {
      const { rows } = await ask.read(
        {
          rows: sql`WITH ${askedAbout(asker, [subject])}, ${callerLike(theSubject, action)}
          SELECT verdict.permitted, found.* FROM verdict LEFT JOIN (SELECT 1 AS there, ${columns(undefined)} FROM caller c) found`,
        },
        ({ rows: [row] }) => Boolean(row?.permitted),
      )
      const row = one(rows)
      requirePermitted(row.permitted)
      return row.there ? row : { ...row, total: 0, flows: '' }
    },
  }
}

/** The same for projects, by their ids. */
export async function readProjects(
  asker: Asker,
  subject: Subject,
  action: Action,
  { after, take }: { after: string; take: number },
): Promise<{ ids: string[]; total: number }> {
  const may = mayFlow('Read', sql`NULL`, sql`p.id`, asSubject(sql`c`, action))
  const { verdicts, found } = await asker.ask.read(
    {
      verdicts: sql<{
        permitted: number
      }>`WITH ${askedAbout(asker, [subject])} SELECT permitted FROM verdict`,
      found: sql<{ id: string; total: number }>`WITH ${askedAbout(asker, [subject])},
      c AS MATERIALIZED (SELECT s.* ${rolesFor(action, 'Project')} FROM subject s WHERE s.is_active),
      able AS MATERIALIZED (SELECT p.id FROM c CROSS JOIN folder p WHERE ${may})
      SELECT (SELECT count(*) FROM able) AS total, x.id
      FROM (SELECT 1) LEFT JOIN (SELECT id FROM able WHERE id > ${after} ORDER BY id LIMIT ${take}) x ORDER BY x.id`,
    },
    arePermitted,
  )
  requirePermitted(verdicts[0]?.permitted)
  return {
    ids: found.flatMap(({ id }) => id ?? []),
    total: one(found).total,
  }
}
