// The console in a real browser: Chromium talks to the Worker itself, over loopback and with its own cookies.
import { existsSync, mkdirSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { Flowgate } from './flowgate.ts'

export const executablePath = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync)
if (!executablePath) console.warn('The console is not tested in a browser: set CHROMIUM')

const flags = `--no-sandbox --disable-gpu --no-first-run --disable-background-networking
  --disable-component-update --disable-sync`

/** `keepsPages`: the back button brings a page back as it was left, as it does for people. */
export const launchChromium = (keepsPages = false): Promise<Browser> =>
  chromium.launch({
    executablePath: executablePath ?? '',
    args: flags.split(/\s+/),
    ...(keepsPages ? { ignoreDefaultArgs: ['--disable-back-forward-cache'] } : {}),
  })

/** A person's browser, with a tab open, and what the tab complained of: refused resources are the tests' own. */
export type Person = { context: BrowserContext; page: Page; complaints: string[] }

/** Nothing of it is shared with another person's, and it goes with the test. */
export async function personIn(
  browser: Browser,
  gate: Flowgate,
  viewport = { width: 1280, height: 900 },
): Promise<Person> {
  const context = await browser.newContext({ viewport, baseURL: gate.url, locale: 'en-GB' })
  onTestFinished(() => context.close())
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  return { context, page, complaints: complaintsOf(page) }
}

export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      complaints.push(text)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}

/** Goes to a page of the console and signs in there, as people do. */
export async function enter(page: Page, username: string, password: string, path = '/flows') {
  await page.goto(`/console${path}`)
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

export async function screenshot(page: Page, name: string) {
  mkdirSync('dist/screenshots', { recursive: true })
  await page.screenshot({ path: `dist/screenshots/${name}.png` })
}

/** How far a page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  ) as Promise<number>

/** The page is there, and for two looks in a row nothing on it says that it loads. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  const busy = page.locator('[aria-busy="true"]')
  for (let looks = 0; looks < 2; looks++) {
    if ((await busy.count()) > 0) looks = 0
    await busy.first().waitFor({ state: 'detached' })
    await page.waitForTimeout(50)
  }
}
