// Whom an issuer knows by a subject: the user who is bound to the two, and to nothing that somebody may choose.
import { type SQL, sql } from '../db/sql.ts'

export type Bound = { readonly issuer: string; readonly subject: string }

/** SQL: the id of the user behind it; NULL where there is none. */
export const boundUser = ({ issuer, subject }: Bound): SQL =>
  sql`(SELECT b.user_id FROM flowgate_binding b WHERE b.issuer = ${issuer} AND b.subject = ${subject})`
