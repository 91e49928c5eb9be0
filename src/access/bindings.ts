// Whom a company's directory knows as which user. A binding goes by the issuer and the subject, and by nothing that
// somebody may choose for themselves: neither a name nor a mail address.
import { type SQL, sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import { type Bound, boundUser } from '../identity/bound.ts'
import { type Author, columns, record } from './audit.ts'

export { type Bound, boundUser }

/** The issuer of those whom a directory provisions; their subject is what it calls them (`externalId`). */
export const DIRECTORY = 'scim'

/** The stored hash of whom only a company vouches for: no password has it. */
export const NO_PASSWORD = '!'

const bindingColumns = columns(sql`b`, ['issuer', 'subject', 'user_id'])

/**
 * Binds the user, who is there by now, where the condition holds. The primary key decides who was first: whoever comes
 * second meets UNIQUE on `flowgate_binding.issuer`. `by`: who did it, in SQL; NULL where the user comes into being with it.
 */
export const bind = (
  author: Author,
  { issuer, subject }: Bound,
  { userId, by, when = sql`1` }: { userId: SQL; by: SQL; when?: SQL },
): [insert: SQL, record: SQL] => [
  sql`INSERT INTO flowgate_binding (issuer, subject, user_id, created_at, created_by)
    SELECT ${issuer}, ${subject}, u.id, ${now}, ${by} FROM user u WHERE u.id = ${userId} AND ${when}`,
  record(
    author,
    'binding.create',
    { id: sql`b.user_id`, after: bindingColumns },
    sql`FROM flowgate_binding b WHERE b.issuer = ${issuer} AND b.subject = ${subject} AND changes()`,
  ),
]

/** Takes away the bindings `b` that meet the condition. */
export const unbind = (author: Author, condition: SQL): [record: SQL, deletion: SQL] => [
  record(
    author,
    'binding.delete',
    { id: sql`b.user_id`, before: bindingColumns },
    sql`FROM flowgate_binding b WHERE ${condition}`,
  ),
  sql`DELETE FROM flowgate_binding AS b WHERE ${condition}`,
]
