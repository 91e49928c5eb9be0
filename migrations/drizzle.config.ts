// drizzle-kit's view of the project. `url` is only read by its commands that talk to a database
// (migrate, push, pull, studio); `tablesFilter` keeps them away from what is not generated here. Do not push: it
// sends statement by statement, knows no triggers, and writes no ledger.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/db/tables.ts', './src/db/own-tables.ts'],
  out: './migrations',
  dbCredentials: { url: process.env.LIBSQL_URL ?? 'http://127.0.0.1:8080' },
  tablesFilter: [
    'user',
    'flow',
    'folder',
    'apikey',
    'role',
    'permission',
    'rolepermission',
    'userroleassignment',
    'flowgate_audit',
    'flowgate_flow_count',
    'flowgate_idempotency',
    'flowgate_examples',
    'flowgate_session',
    'flowgate_attempt',
    'flowgate_team',
    'flowgate_team_member',
    'flowgate_team_grant',
    'flowgate_search_entry',
  ],
})
