// The same page as plain.ts, asked as lean as flowgate asks: one fetch, on a stream that is kept.
import { openDatabase } from '../../src/db/client.ts'
import { sql } from '../../src/db/sql.ts'
import { unfiltered } from './unfiltered.ts'

export default {
  async fetch(_: Request, env: { LIBSQL_URL: string }): Promise<Response> {
    const { rows } = await openDatabase({ url: env.LIBSQL_URL }).read({ rows: sql.raw(unfiltered) })
    return Response.json(rows)
  },
}
