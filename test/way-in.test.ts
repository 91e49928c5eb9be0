// What flowgate tells LangBuilder's front end of itself: truly, at no cost to the database, and of what is not here,
// where it is.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrateTo, tags } from './support/databases.ts'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'
import { type Api, call, signIn } from './support/world.ts'

let gate: Flowgate
let root: Api
beforeAll(async () => {
  gate = await startFlowgate()
  root = await signIn(gate)
})
afterAll(() => gate?.stop())

describe('what the front end is told', () => {
  test('is what it reads, of the types that it reads', async () => {
    const { body } = await call(gate, 'GET', '/api/v1/config')
    const number = expect.any(Number)
    expect(body).toEqual({
      ...{ feature_flags: expect.any(Object), frontend_timeout: 0, event_delivery: 'polling' },
      ...{ auto_saving: true, auto_saving_interval: 1000, health_check_max_retries: number },
      ...{ max_file_size_upload: 4, webhook_polling_interval: number },
      ...{ serialization_max_items_length: number, serialization_max_text_length: number },
      ...{ public_flow_cleanup_interval: number, public_flow_expiration: number },
    })
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect((await call(gate, 'GET', '/api/v1/version')).body).toEqual({
      ...{ version, main_version: version, package: 'flowgate' },
    })
  })

  test('is what a team sets', async () => {
    const bindings = { AUTO_SAVING_INTERVAL_MS: '0', FRONTEND_VERSION: '1.6.5.dev3' }
    const set = await flowgateForTest({ bindings })
    const { body } = await call(set, 'GET', '/api/v1/config')
    expect([body.auto_saving, body.auto_saving_interval]).toEqual([false, 0])
    const { body: told } = await call(set, 'GET', '/api/v1/version')
    expect([told.version, told.main_version]).toEqual(['1.6.5.dev3', '1.6.5'])
  })

  test('a picture is a picture and no page, for whoever asks, and costs the database nothing', async () => {
    gate.proxy.reset()
    for (const name of ['People/a.svg', 'Space/046-rocket.svg', '%3Cscript%3E/x']) {
      const picture = await call(gate, 'GET', `/api/v1/files/profile_pictures/${name}`)
      expect(picture.status).toBe(200)
      expect(picture.headers.get('content-security-policy')).toMatch(/default-src 'none'; sandbox/)
      expect(picture.headers.get('x-content-type-options')).toBe('nosniff')
      expect(picture.headers.get('cache-control')).toMatch(/^public/)
      expect(picture.body).not.toMatch(/script|href|url\(/)
    }
    for (const path of ['config', 'version', 'store/check/', 'store/tags'])
      await call(gate, 'GET', `/api/v1/${path}`)
    expect(gate.proxy.count).toBe(0)
  })

  const onLangBuilder = [
    ...['GET /api/v1/all', 'GET /api/v1/all?force_refresh=true', 'POST /api/v1/custom_component'],
    ...['POST /api/v1/build/x/flow', 'GET /api/v1/build/x/events', 'POST /api/v1/run/x'],
    ...['POST /api/v1/run/advanced/x', 'POST /api/v1/webhook/x', 'POST /api/v1/responses'],
    ...[
      'GET /api/v1/monitor/messages',
      'DELETE /api/v1/monitor/builds',
      'POST /api/v1/validate/code',
    ],
    ...['GET /api/v2/files', 'POST /api/v2/files/', 'GET /api/v2/mcp/servers', 'GET /api/v2/other'],
    ...['GET /api/v1/mcp/project/x', 'PATCH /api/v1/mcp/project/x', 'GET /api/v1/mcp/sse'],
    ...['POST /api/v1/variables/', 'PATCH /api/v1/variables/x', 'DELETE /api/v1/variables/x'],
    ...['POST /api/v1/files/upload/x', 'GET /api/v1/files/images/x/y.png', 'POST /api/v1/upload/x'],
    ...['GET /api/v1/store/components/', 'POST /api/v1/store/users/likes/x'],
  ]
  test.each(onLangBuilder)('%s is 404 that says whose it is', async (request) => {
    const [method = '', path = ''] = request.split(' ')
    gate.proxy.reset()
    for (const authorization of ['', `Bearer ${root.token}`, 'Bearer x']) {
      const body = method === 'GET' ? undefined : { name: 'x' }
      const answer = await call(gate, method, path, body, { authorization })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json',
      ])
      expect(answer.body).toMatchObject({
        code: 'not_found',
        detail: expect.stringMatching(/^Only LangBuilder's own server answers under \/api\/v[12]/),
      })
    }
    expect(gate.proxy.count).toBe(0)
  })

  test('a file is sent to where files are before it is sent, however large', async () => {
    for (const path of ['/api/v2/files/', '/api/v1/files/upload/x', '/api/v1/variables/'])
      expect([path, await announce(path, 5 * 1024 * 1024)]).toEqual([path, 404])
  })
})

/** The status that a POST gets of whose body nothing has come yet but its length. */
const announce = (path: string, length: number) =>
  new Promise((resolve, reject) => {
    const headers = { 'content-length': length }
    const sending = request(gate.url + path, { method: 'POST', headers }, (answer) => {
      resolve(answer.statusCode)
      sending.destroy()
    })
    sending.on('error', reject)
    sending.flushHeaders()
  })

describe('the check of health', () => {
  const check = (flowgate: Flowgate) => call(flowgate, 'GET', '/health_check')

  test('is well where the next sign-in brings the database to head, and looks once in 10 s', async () => {
    const fresh = await flowgateForTest()
    for (let n = 0; n < 5; n++) {
      const { status, body } = await check(fresh)
      expect([status, body]).toEqual([200, { status: 'ok', chat: 'ok', db: 'ok' }])
    }
    expect(fresh.proxy.count).toBe(1)
    expect(await fresh.db.execute('SELECT * FROM sqlite_schema')).toMatchObject({ rows: [] })
    await signIn(fresh)
    fresh.proxy.reset()
    expect((await check(fresh)).status).toBe(200)
    expect(fresh.proxy.count).toBe(0)
  })

  test('says what is wrong with a database that is refused or away, as /health/ready does, and looks as seldom', async () => {
    const broken = await flowgateForTest({
      async prepare(db, url) {
        await migrateTo(url, tags().length)
        await db.execute('DROP TRIGGER flowgate_audit_keeps_rows')
      },
    })
    for (let n = 0; n < 3; n++) {
      const { status, body, headers } = await check(broken)
      expect([status, body.status, body.chat]).toEqual([503, 'nok', 'ok'])
      expect(body.db).toMatch(/^schema_drifted: The ledger says .*flowgate_audit_keeps_rows/)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(broken.proxy.count).toBe(1)

    const away = await flowgateForTest()
    away.proxy.decide(() => ({ status: 502 }))
    const { status, body } = await check(away)
    expect([status, body.status]).toEqual([503, 'nok'])
    expect(body.db).toMatch(/^database_unavailable: /)
  })
})
