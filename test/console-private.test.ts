// What is left in a browser of somebody who has signed out, or whose session has ended elsewhere: nothing.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { enter, executablePath, launchChromium, personIn } from './support/chromium.ts'
import { consoleWorld, inChromium, openPerson, rows, soon, total } from './support/console-world.ts'
import { flowgateForTest, SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'

const world = consoleWorld()
const asAnn = (page: Page, path?: string) => enter(page, 'ann', 'ann-password', path)
const textOf = (page: Page) => page.locator('body').innerText()
const signInButton = (page: Page) => page.getByRole('button', { name: 'Sign in' })

/** One that keeps pages for the back button, as browsers of people do. */
let browser: Browser
beforeAll(async () => {
  if (executablePath) browser = await launchChromium(true)
})
afterAll(() => browser?.close())

/** A tab with the flows in it that has been left for a page outside of the console. */
async function leftFlows() {
  const { page, context } = await personIn(browser, world.gate)
  await asAnn(page)
  await rows(page).first().waitFor()
  // What is seen at the very moment of coming back.
  await page.evaluate(`addEventListener('pageshow', ({ persisted }) => {
    window.back = { persisted, seen: document.body.innerText }
  })`)
  await page.goto('/docs')
  const comeBack = async () => {
    await page.evaluate('history.back()').catch(() => undefined)
    // A page that is brought back is not loaded.
    await page.waitForURL('**/console/flows', { waitUntil: 'commit' })
  }
  return { page, context, comeBack }
}

inChromium('after signing out the back button leads to nothing private, in no tab', async () => {
  const { page, context, comeBack } = await leftFlows()
  const other = await context.newPage()
  await other.goto(`/console/access/project/${world.plans}`)
  await other.getByText('Your own').waitFor()
  await other.getByRole('link', { name: 'Your account: ann' }).click()
  await other.getByRole('heading', { name: 'Where you are signed in' }).waitFor()
  await other.getByRole('button', { name: 'Sign out' }).click()
  await signInButton(other).waitFor()
  await other.evaluate('history.back()')
  await soon(() => other.url()).toContain('/access/project')
  expect(await textOf(other)).not.toMatch(/ann|Owner|Plans/)
  await comeBack()
  await signInButton(page).waitFor()
  expect(await textOf(page)).not.toMatch(/Report|Invoices|ann/)
  await page.reload()
  await signInButton(page).waitFor()
})

inChromium(
  'a page that the browser kept is not seen again where its session has ended elsewhere',
  async () => {
    const { page, comeBack } = await leftFlows()
    await world.ann.delete('/api/v1/sessions')
    await comeBack()
    await signInButton(page).waitFor()
    expect(await page.evaluate('window.back')).toEqual({ persisted: true, seen: '' })
    expect(await textOf(page)).not.toMatch(/Report|Invoices|ann/)
  },
)

inChromium('a page that the browser kept is as it was where its session goes on', async () => {
  const { page, comeBack } = await leftFlows()
  await comeBack()
  await soon(() => total(page)).toBe('62 flows')
  expect(await page.evaluate('window.back')).toEqual({ persisted: true, seen: '' })
  expect(await signInButton(page).count()).toBe(0)
})

inChromium('a page that the browser kept of somebody else is loaded anew', async () => {
  const { page, context, comeBack } = await leftFlows()
  const form = { username: 'nils', password: 'nils-password' }
  expect((await context.request.post('/api/v1/login', { form })).status()).toBe(200)
  await comeBack()
  await page.getByRole('heading', { name: 'You cannot see any flow yet' }).waitFor()
  expect(await page.evaluate('window.back')).toBe(undefined)
  expect(await textOf(page)).not.toMatch(/Report|Invoices/)
})

/** All that a script may keep, and read again after a reload. */
const kept = (page: Page) =>
  page.evaluate(`(async () => ({
    local: { ...localStorage }, session: { ...sessionStorage },
    databases: await indexedDB.databases(), caches: await caches.keys(),
    name: window.name, state: history.state,
  }))()`)
const nothing = { local: {}, session: {}, databases: [], caches: [], name: '', state: null }
const cookiesIn = async (page: Page): Promise<string[]> =>
  String(await page.evaluate('document.cookie')).split('; ')

inChromium(
  "no token is kept where scripts read, but in the contract's own cookie until it is signed out",
  async () => {
    const { page } = await openPerson(world)
    await asAnn(page)
    await rows(page).first().waitFor()
    expect(await kept(page)).toEqual(nothing)
    const names = (await cookiesIn(page)).map((cookie) => cookie.split('=')[0])
    expect(names.sort()).toEqual(['access_token_lf', 'apikey_tkn_lflw'])
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signInButton(page).waitFor()
    expect(await kept(page)).toEqual(nothing)
    expect((await cookiesIn(page)).join()).not.toMatch(/ey[\w-]+\./)
  },
)

inChromium(
  'the name of a flow is gone with whoever could read it, and is the one of now on coming back',
  async () => {
    const { page } = await openPerson(world)
    await asAnn(page, '/flows?search=invoices')
    await soon(() => total(page)).toBe('1 flow')
    await page.locator('summary').click()
    await page.getByRole('link', { name: 'Who has access' }).click()
    await soon(() => page.locator('.what').innerText()).toBe('Flow Invoices')
    expect(await kept(page)).toEqual(nothing)
    const id = page.url().split('/').pop()
    await page.goBack()
    await soon(() => total(page)).toBe('1 flow')
    expect((await world.ann.patch(`/api/v1/flows/${id}`, { name: 'Secret plan' })).status).toBe(200)
    await page.goForward()
    await soon(() => page.locator('.what').innerText()).toBe('Flow Secret plan')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Name', { exact: true }).fill('nils')
    await page.getByLabel('Password').fill('nils-password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').first().waitFor()
    expect(await textOf(page)).not.toMatch(/Secret|Invoices/)
    await page.reload()
    await page.getByRole('alert').first().waitFor()
    expect(await textOf(page)).not.toMatch(/Secret|Invoices/)
  },
)

inChromium('with ACCESS_COOKIE=httponly scripts read no token at all', async () => {
  const gate = await flowgateForTest({ files: true, bindings: { ACCESS_COOKIE: 'httponly' } })
  const { page } = await personIn(world.browser, gate)
  await enter(page, SUPERUSER, SUPERUSER_PASSWORD)
  await page.reload()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  expect(await kept(page)).toEqual(nothing)
  expect((await cookiesIn(page)).join()).not.toMatch(/ey[\w-]+\./)
})
