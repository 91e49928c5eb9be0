// Cookies as browsers keep them: what LangBuilder's front end reads, what no script reads, and what goes along from
// another site.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser, openBrowser } from './support/browser.ts'
import {
  byName,
  type Flowgate,
  flowgateForTest,
  SUPERUSER,
  SUPERUSER_PASSWORD,
  startFlowgate,
} from './support/flowgate.ts'
import { call, signIn } from './support/world.ts'

const SERVER = 'https://flowgate.example'
const FOREIGN = 'https://langbuilder.test'
const SIBLING = 'https://app.flowgate.example'
let gate: Flowgate

beforeAll(async () => {
  gate = await startFlowgate({ bindings: { CORS_ORIGINS: `${FOREIGN}, ${SIBLING}` } })
  await signIn(gate)
})
afterAll(() => gate?.stop())

const enter = (browser: Browser) => browser.signIn(SUPERUSER, SUPERUSER_PASSWORD)
const refresh = (browser: Browser) => browser.fetch('POST', '/api/v1/refresh')
const setBy = async (headers: Record<string, string>, path = '/api/v1/login', url = gate.url) => {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ username: SUPERUSER, password: SUPERUSER_PASSWORD }).toString(),
  })
  await response.arrayBuffer()
  const lines = response.headers.getSetCookie().map((line) => [line.split('=')[0], line] as const)
  return { status: response.status, set: Object.fromEntries(lines) as Record<string, string> }
}

describe('what scripts read', () => {
  test('is all but the refresh token, and a script may replace it', async () => {
    const browser = openBrowser(gate)
    const { body } = await enter(browser)
    expect(browser.cookie('access_token_lf')).toBe(body.access_token)
    expect(browser.cookie('apikey_tkn_lflw')).toBe('None')
    expect(browser.cookie('refresh_token_lf')).toBe(undefined)
    expect(browser.kept('refresh_token_lf')).toMatchObject({
      value: body.refresh_token,
      httpOnly: true,
    })
    expect(browser.setCookie('access_token_lf', 'another')).toBe(true)
    expect(browser.setCookie('refresh_token_lf', 'another')).toBe(false)
    await browser.fetch('POST', '/api/v1/logout')
    for (const name of ['access_token_lf', 'apikey_tkn_lflw', 'refresh_token_lf'])
      expect(browser.kept(name)).toBe(undefined)
  })

  test('is no token where ACCESS_COOKIE is httponly; anything else is a configuration error', async () => {
    const strict = await flowgateForTest({ bindings: { ACCESS_COOKIE: 'httponly' } })
    const browser = openBrowser(strict)
    await enter(browser)
    expect(browser.cookie('access_token_lf')).toBe(undefined)
    expect(browser.kept('access_token_lf')?.httpOnly).toBe(true)
    const broken = await flowgateForTest({ bindings: { ACCESS_COOKIE: 'maybe' } })
    const { status, body } = await call(broken, 'GET', '/api/v1/flows/')
    expect([status, body.detail]).toEqual([
      500,
      "Configuration: ACCESS_COOKIE must be 'readable' or 'httponly'",
    ])
  })

  test('comes by https alone, except on loopback, where a page by plain http must replace it', async () => {
    const { headers } = await call(byName(gate), 'POST', '/api/v1/logout')
    for (const line of headers.getSetCookie()) expect(line).toMatch(/; Secure/)
    for (const line of Object.values((await setBy({})).set)) expect(line).not.toMatch(/; Secure/)
  })
})

describe('refresh', () => {
  test('works for a listed origin of another site, and so does logging out', async () => {
    const browser = openBrowser(gate, { page: FOREIGN, server: SERVER })
    expect((await enter(browser)).status).toBe(200)
    expect(browser.kept('refresh_token_lf')).toMatchObject({
      sameSite: 'None',
      secure: true,
      httpOnly: true,
    })
    expect((await refresh(browser)).status).toBe(200)
    const renewed = await refresh(browser)
    expect([renewed.status, renewed.headers.get('access-control-allow-origin')]).toEqual([
      200,
      FOREIGN,
    ])
    await browser.fetch('POST', '/api/v1/logout')
    expect(browser.kept('refresh_token_lf')).toBe(undefined)
    expect((await refresh(browser)).status).toBe(401)
  })

  test('is not for another site that holds the cookie, whatever its browser says of it', async () => {
    const browser = openBrowser(gate, { page: FOREIGN, server: SERVER })
    await enter(browser)
    const cookie = `refresh_token_lf=${browser.kept('refresh_token_lf')?.value}`
    for (const origin of [
      'https://evil.test',
      'null',
      `${FOREIGN}.evil.test`,
      'http://langbuilder.test',
    ])
      for (const site of [{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'none' }])
        for (const path of ['/api/v1/refresh', '/api/v1/logout']) {
          const { status, set } = await setBy({ origin, cookie, ...site }, path)
          expect([origin, status, set]).toEqual([origin, 403, {}])
        }
    expect((await refresh(browser)).status).toBe(200)
  })

  test('keeps its cookie to the site, unless a listed origin of another one signs in', async () => {
    const sites = [
      [{}, 'Lax'],
      [{ origin: gate.url }, 'Lax'],
      // A proxy in front of both: to the browser they are one.
      [{ origin: FOREIGN, 'sec-fetch-site': 'same-origin' }, 'Lax'],
      [{ origin: SIBLING, 'sec-fetch-site': 'same-site' }, 'Lax'],
      [{ origin: FOREIGN, 'sec-fetch-site': 'cross-site' }, 'None'],
      // A browser too old to say.
      [{ origin: FOREIGN }, 'None'],
    ] as const
    for (const [headers, sameSite] of sites) {
      const { status, set } = await setBy(headers)
      expect([headers, status]).toEqual([headers, 200])
      const said = (name: string) => /SameSite=(\w+)/.exec(set[name] ?? '')?.[1]
      expect([headers, said('refresh_token_lf')]).toEqual([headers, sameSite])
      expect([said('access_token_lf'), said('apikey_tkn_lflw')]).toEqual(['Lax', 'Lax'])
    }
  })

  test('works behind a proxy that shows the page and the server as one', async () => {
    const browser = openBrowser(gate, { page: FOREIGN })
    await enter(browser)
    expect(browser.kept('refresh_token_lf')?.sameSite).toBe('Lax')
    expect((await refresh(browser)).status).toBe(200)
    const closed = await flowgateForTest()
    expect((await enter(openBrowser(closed, { page: FOREIGN }))).status).toBe(403)
  })
})
