// What stands before Postgres as the Worker does before libSQL: an HTTP server of its own process, with a connection that it
// keeps. It believes the id in the URL: /function/ID, /row-level/ID.
import { createServer } from 'node:http'
import { openConnection } from './connection.ts'

const [, , path = '', user = ''] = process.argv
const connection = await openConnection(path, user)

const statements: Record<string, (id: string) => string> = {
  function: (id) => `SELECT page('${id}')`,
  // One round trip, one transaction. The plain page, of whatever the role may see.
  'row-level': (id) => `BEGIN; SELECT sign_in('${id}'); SELECT json_build_object('items',
    coalesce((SELECT json_agg(header(f)) FROM (SELECT * FROM flow ORDER BY updated_at DESC, id DESC LIMIT 50) f), '[]'),
    'total', (SELECT count(*) FROM flow)); COMMIT`,
}

const server = createServer(async (request, response) => {
  const [, way = '', id = ''] = /^\/([a-z-]+)\/([0-9a-f]{32})$/.exec(request.url ?? '') ?? []
  try {
    const statement = statements[way]
    if (!statement) throw new Error(`no such peer: ${request.url}`)
    const body = await connection.ask(statement(id))
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : undefined)
})
process.on('disconnect', () => process.exit())
