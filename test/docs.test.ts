// The API reference in a real browser without a network: nothing is fetched but the page itself.
import { existsSync, mkdirSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { flowgateForTest } from './support/flowgate.ts'
import { listRoutes } from './support/routes.ts'

const executablePath = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync)
if (!executablePath) console.warn('test/docs.test.ts is skipped: no Chromium found (set CHROMIUM)')

const flags = `--no-sandbox --disable-gpu --no-first-run --disable-background-networking
  --disable-component-update --disable-sync`

test.skipIf(!executablePath)(
  'the API reference shows every route, offline, by day and by night',
  async () => {
    const { page, asked, complaints } = await openDocs()

    expect(asked).toEqual(['http://localhost/docs'])
    expect(complaints).toEqual([])
    const shown = await page.locator('article header').allInnerTexts()
    const routes = listRoutes().map((route) => route.replace(/:(\w+)/g, '{$1}'))
    expect(shown.map((text) => text.replace(/\s+open$/, '').replace(/\s+/g, ' ')).sort()).toEqual(
      routes.sort(),
    )

    const background = () =>
      page.evaluate('getComputedStyle(document.body).backgroundColor') as Promise<string>
    const day = await background()
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await background()).not.toBe(day)
    await screenshot(page, 'docs-dark')
    await page.emulateMedia({ colorScheme: 'light' })

    await page.locator('nav a[href="#get_flows"]').click()
    const card = page.locator('#get_flows')
    await card.locator('summary').first().click()
    await expect.poll(() => card.locator('pre').first().isVisible()).toBe(true)
    await screenshot(page, 'docs-light')

    await page.setViewportSize({ width: 390, height: 800 })
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    expect(await page.evaluate(overflow), 'a phone needs no scrolling sideways').toBe(0)
    await screenshot(page, 'docs-phone')
  },
)

/** Opens /docs; whatever else the browser asks for is refused and noted. */
async function openDocs() {
  const gate = await flowgateForTest({ files: true })
  const browser = await chromium.launch({
    executablePath: executablePath ?? '',
    args: flags.split(/\s+/),
  })
  onTestFinished(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
  const asked: string[] = []
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.route('**', async (route) => {
    asked.push(route.request().url())
    if (new URL(route.request().url()).pathname !== '/docs') return route.abort()
    const answer = await gate.fetch('/docs')
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    })
  })
  await page.goto('http://localhost/docs')
  return { page, asked, complaints }
}

async function screenshot(page: Page, name: string) {
  mkdirSync('dist/screenshots', { recursive: true })
  await page.screenshot({ path: `dist/screenshots/${name}.png` })
}
