// The files of the console as they are sent: where, with which headers, how many bytes, and what is not in them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Flowgate, flowgateForTest, startFlowgate } from './support/flowgate.ts'

const KIB = 1024
const directory = 'dist/files'
const built = () => readdirSync(directory)
const contents = (end: string) =>
  built()
    .filter((name) => name.endsWith(end))
    .map((name) => readFileSync(join(directory, name)))

let gate: Flowgate
beforeAll(async () => {
  gate = await startFlowgate({ files: true })
})
afterAll(() => gate.stop())

async function get(path: string, init?: RequestInit) {
  const response = await gate.fetch(path, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

test('the first load is at most 60 KiB of script and 10 of style, packed, in one file each', () => {
  const [scripts, styles] = [contents('.js'), contents('.css')]
  expect([scripts.length, styles.length]).toEqual([1, 1])
  const size = (files: Buffer[]) => gzipSync(files[0] ?? '', { level: 9 }).length / KIB
  console.info(`console: ${size(scripts).toFixed(1)} KiB script, ${size(styles).toFixed(1)} style`)
  expect(size(scripts)).toBeLessThanOrEqual(60)
  expect(size(styles)).toBeLessThanOrEqual(10)
})

test('every address of the console is the same page, and the root leads there', async () => {
  for (const path of ['/', '/console']) {
    const { status, headers } = await get(path)
    expect([status, headers.get('location')]).toEqual([302, '/console/'])
  }
  const { text } = await get('/console/')
  for (const path of ['/console/flows', '/console/flows?search=a.js', '/console/access/flow/x'])
    expect((await get(path)).text).toBe(text)
  expect((await get('/console/none.js')).status).toBe(404)
  expect((await get('/console/', { method: 'POST' })).status).toBe(405)
  expect((await get('/console/', { method: 'HEAD' })).text).toBe('')
})

test('nothing but our own script and style may run on it, and no page may hold it', async () => {
  const { headers, text } = await get('/console/flows')
  const policy = String(headers.get('content-security-policy'))
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  for (const rule of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
    expect(policy).toContain(rule)
  expect(policy).not.toMatch(/unsafe|\*|http|data:|blob:/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN') // for browsers that know no policy
  expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=|https?:/)
})

test('a file whose name changes with it is kept for ever, the page that names it is asked for anew', async () => {
  const { headers, text } = await get('/console/')
  expect(headers.get('cache-control')).toBe('no-cache')
  const files = [...text.matchAll(/"(\/console\/[^"]+\.(?:js|css|svg))"/g)].map(([, path]) => path)
  expect(files).toHaveLength(3)
  for (const path of files) {
    const file = await get(String(path))
    expect([path, file.status]).toEqual([path, 200])
    expect(file.headers.get('x-content-type-options')).toBe('nosniff')
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  }
})

test('routes of the API stay with the Worker, and a Worker without the files says 404', async () => {
  expect(JSON.parse((await get('/health')).text)).toBeTruthy()
  expect((await get('/api/v1/flows/')).status).toBe(403)
  expect((await get('/docs')).headers.get('content-type')).toContain('text/html')
  const bare = await flowgateForTest({ direct: true })
  expect((await bare.fetch('/console/')).status).toBe(404)
  expect((await bare.fetch('/openapi.json')).status).toBe(404)
})

test('where flows are opened and who makes teams is what the operator says: nowhere and admins by default', async () => {
  expect(JSON.parse((await get('/console/settings.json')).text)).toEqual({
    langbuilder_url: null,
    teams: 'admins',
    providers: [],
    password_login: true,
  })
  const told = await flowgateForTest({
    files: true,
    bindings: { LANGBUILDER_URL: 'https://builder.example.com/', TEAMS: 'open' },
  })
  const answer = await told.fetch('/console/settings.json')
  expect(await answer.json()).toEqual({
    langbuilder_url: 'https://builder.example.com',
    teams: 'open',
    providers: [],
    password_login: true,
  })
})

const sources = readdirSync('src/console', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => [name, readFileSync(join('src/console', name), 'utf8')] as const)

test('its source makes no markup of texts, and keeps nothing in the storage of the browser', () => {
  const forbidden =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|localStorage|sessionStorage|indexedDB|document\.cookie|\beval\b/
  expect(sources.filter(([, text]) => forbidden.test(text)).map(([name]) => name)).toEqual([])
})

test('it takes of the Worker types alone', () => {
  const strange = sources.flatMap(([name, text]) =>
    [...text.matchAll(/^import (?!type).*from '(\.\.\/)+(?!console)[\w-]+\.ts'/gm)]
      .filter(([line]) => name.split('/').length < (line.match(/\.\.\//g)?.length ?? 0) + 1)
      .map(([line]) => `${name}: ${line}`),
  )
  expect(strange).toEqual([])
  expect(contents('.js').join()).not.toMatch(/LIBSQL_URL|userroleassignment|flowgate_session/)
})

test('it names no file of the machine that built it, also where that builds for tests', () => {
  expect(contents('.js').join()).not.toMatch(/\.tsx|fileName/)
})

test('ink on every ground is as dark as WCAG AA asks, by day and by night', () => {
  const sheet = readFileSync('src/console/style/base.css', 'utf8')
  const palettes = [...sheet.matchAll(/:root \{([^}]*--page[^}]*)\}/g)].map(([, body]) =>
    Object.fromEntries(
      [...String(body).matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6})/g)].map(([, k, v]) => [k, v]),
    ),
  )
  expect(palettes).toHaveLength(2)
  const texts = 'ink faint accent danger good'.split(' ')
  for (const palette of palettes) {
    const pairs = [
      ...texts.flatMap((text) => ['page', 'card'].map((ground) => [text, ground, 4.5] as const)),
      ['on-accent', 'accent', 4.5] as const,
      ...['ink', 'accent'].map((text) => [text, 'tint', 4.5] as const),
      ['ink', 'warn', 4.5] as const,
      ['edge', 'card', 3] as const,
    ]
    const weak = pairs.filter(
      ([text, ground, least]) => contrast(String(palette[text]), String(palette[ground])) < least,
    )
    expect(weak).toEqual([])
  }
})

/** WCAG's own formula. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
