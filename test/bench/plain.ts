// What the benchmark measures against: the unfiltered page, asked through the same client, by a Worker
// that does nothing else.
import { createClient } from '@libsql/client/http'
import { unfiltered } from './unfiltered.ts'

export default {
  async fetch(_: Request, env: { LIBSQL_URL: string }): Promise<Response> {
    const client = createClient({ url: env.LIBSQL_URL })
    const { rows } = await client.execute(unfiltered)
    return Response.json(rows)
  },
}
