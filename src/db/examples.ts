// The table that says which project is the shared folder of examples; drizzle-kit generates its revision from here.
import { sqliteTable } from 'drizzle-orm/sqlite-core'
import { uuid } from './columns.ts'

// Written once, by adoption: the id of the folder, or '' where there was none. Everybody reads what lies
// there, so that no write of a request may make a project one: neither its name nor its owner says it.
export const examples = sqliteTable('flowgate_examples', {
  folder_id: uuid().primaryKey().notNull(),
})
