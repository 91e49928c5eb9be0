// Coming, staying and going in the console, in a real browser.
import type { Page, Request } from 'playwright-core'
import { expect } from 'vitest'
import { complaintsOf, enter, type Person, screenshot } from './support/chromium.ts'
import {
  bar,
  consoleWorld,
  inChromium,
  openPerson,
  rows,
  soon,
  total,
} from './support/console-world.ts'

const world = consoleWorld()
const asAnn = (page: Page, path?: string) => enter(page, 'ann', 'ann-password', path)

inChromium('whoever signs in finds the flows, and a wrong password is said in words', async () => {
  const { page, complaints } = await openPerson(world)
  await page.goto('/')
  await page.getByLabel('Name').fill('ann')
  await page.getByLabel('Password').fill('wrong-password')
  await page.keyboard.press('Enter')
  await soon(() => page.getByRole('alert').innerText()).toContain('Incorrect username')
  await asAnn(page)
  await soon(() => rows(page).count()).toBe(50)
  expect(await total(page)).toBe('62 flows')
  expect(new URL(page.url()).pathname).toBe('/console/flows')
  expect(complaints).toEqual([])
  await screenshot(page, 'console-flows')
})

inChromium('after signing in the first rows are one round trip of the API away', async () => {
  const { page } = await openPerson(world)
  await page.goto('/console/flows')
  await page.getByLabel('Name').waitFor()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.getByLabel('Name').fill('ann')
  await page.getByLabel('Password').fill('ann-password')
  await page.keyboard.press('Enter')
  await rows(page).first().waitFor()
  expect(asked[0]).toBe('/api/v1/login')
  expect(asked.filter((path) => path === '/api/v1/flows/')).toHaveLength(1)
  expect(asked).not.toContain('/api/v1/flows') // which would be redirected
})

inChromium('a token that is over is renewed once for all that a page asks', async () => {
  const { page } = await openPerson(world)
  await asAnn(page)
  await rows(page).first().waitFor()
  const renewals: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/refresh')) renewals.push(request.url())
  })
  let spoiled = 0
  await page.route('**/api/v1/**', (route) => {
    const headers = route.request().headers()
    if (!headers.authorization || spoiled++ >= 3) return route.continue()
    return route.continue({ headers: { ...headers, authorization: 'Bearer over' } })
  })
  await page.reload()
  await soon(() => total(page)).toBe('62 flows')
  await page.getByRole('link', { name: 'Plans', exact: true }).first().waitFor()
  expect(spoiled).toBeGreaterThan(3)
  // One at the beginning, as always, and one for three that were refused.
  expect(renewals).toHaveLength(2)
})

inChromium(
  'a session that ends in the middle of work is begun again, and the work goes on',
  async () => {
    const { page } = await openPerson(world)
    await asAnn(page, '/flows?search=invoices')
    await soon(() => total(page)).toBe('1 flow')
    await page.getByRole('link', { name: 'ann' }).waitFor()
    await rename(page, 'Invoices', 'Invoices 2', endSessions)
    await page.getByRole('heading', { name: 'Please sign in again' }).waitFor()
    // Chromium lets no page refuse a second one.
    for (let times = 1; times <= 3; times++) await page.keyboard.press('Escape')
    await page.getByLabel('Name', { exact: true }).fill('ann')
    await page.getByLabel('Password').fill('ann-password')
    await page.keyboard.press('Enter')
    await soon(() => bar(page)).toBe('“Invoices” is now “Invoices 2”.')
    expect(page.url()).toContain('search=invoices')
    await page.getByRole('button', { name: 'Undo' }).click()
    await soon(() => bar(page)).toBe('Taken back.')
    await soon(() => page.locator('.words').innerText()).toBe('Invoices')
  },
)

inChromium(
  'a reload stays signed in without a token in any storage, and signing out ends all tabs',
  async () => {
    const { page, context } = await openPerson(world)
    await asAnn(page)
    await page.reload()
    await rows(page).first().waitFor()
    const kept = await page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}])')
    expect(kept).toBe('[{},{}]')
    const other = await context.newPage()
    await other.goto('/console/flows')
    await rows(other).first().waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    for (const tab of [page, other]) {
      await tab.getByRole('button', { name: 'Sign in' }).waitFor()
      expect(await tab.locator('body').innerText()).not.toContain('Report')
    }
    await page.goBack().catch(() => null)
    await page.goto('/console/flows')
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  },
)

inChromium('a second person in the same browser sees nothing of the first', async () => {
  const { page, context } = await openPerson(world)
  await asAnn(page)
  await rows(page).first().waitFor()
  const other = await context.newPage()
  complaintsOf(other)
  await other.goto('/console/flows')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('button', { name: 'Sign in' }).waitFor()
  await enter(other, 'nils', 'nils-password')
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await page.locator('body').innerText()).not.toContain('Report')
})

inChromium('whoever takes over the cookie of a page begins with a page of their own', async () => {
  const { page, context } = await openPerson(world)
  await asAnn(page)
  await rows(page).first().waitFor()
  const form = { username: 'nils', password: 'nils-password' }
  expect((await context.request.post('/api/v1/login', { form })).status()).toBe(200)
  await page.evaluate('window.isOld = true')
  let spoiled = 0
  await page.route('**/api/v1/flows/**', (route) => {
    const headers = route.request().headers()
    if (spoiled++ > 0) return route.continue()
    return route.continue({ headers: { ...headers, authorization: 'Bearer over' } })
  })
  await page.getByLabel('Search').fill('invoices')
  await page.getByRole('heading', { name: 'No flow matches' }).waitFor()
  expect(await page.evaluate('window.isOld')).toBe(undefined)
})

/** Renames a flow by its menu. */
const endSessions = () => world.gate.db.execute('DELETE FROM flowgate_session')

async function rename(page: Page, from: string, to: string, before?: () => Promise<unknown>) {
  const row = rows(page).filter({ has: page.getByText(from, { exact: true }) })
  await row.locator('summary').click()
  await row.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('New name').fill(to)
  await before?.()
  await page.keyboard.press('Enter')
}

/** What fits waits until it is let go: the request, or its answer. */
async function hold(page: Page, what: 'request' | 'answer', fits: (request: Request) => boolean) {
  let letGo = () => {}
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let held = 0
  await page.route('**/*', async (route) => {
    if (!fits(route.request())) return route.fallback()
    const response = what === 'answer' ? await route.fetch() : undefined
    held++
    await isFree
    await (response ? route.fulfill({ response }) : route.continue())
  })
  return { letGo: () => letGo(), isHeld: () => soon(() => held).toBe(1) }
}
const isWrite = (request: Request) => request.method() === 'PATCH'

/** Time for whatever a page still sends: that of as many requests as it could take. */
async function rest({ context }: Person) {
  for (let times = 1; times <= 20; times++) await context.request.get('/health')
}

/** In a page where somebody was before. */
async function signInAs(page: Page, name: string) {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Password').fill(`${name}-password`)
  await page.keyboard.press('Enter')
}

inChromium('what one person did is neither told to the next nor theirs to take back', async () => {
  const { page, context } = await openPerson(world)
  await asAnn(page)
  const other = await context.newPage()
  complaintsOf(other)
  await other.goto('/console/flows')
  await rename(other, 'Report 60', 'Secret plan')
  await soon(() => bar(other)).toContain('is now “Secret plan”')
  const write = await hold(page, 'answer', isWrite)
  await rename(page, 'Report 59', 'Secret too')
  await write.isHeld()
  await other.getByRole('button', { name: 'Sign out' }).click()
  const written = page.waitForResponse((response) => isWrite(response.request()))
  for (const tab of [page, other]) await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  write.letGo()
  expect((await written).status()).toBe(200)
  for (const tab of [page, other]) {
    await signInAs(tab, 'nils')
    await tab.getByRole('heading', { name: 'You cannot see any flow yet' }).waitFor()
    expect(await tab.locator('body').innerText()).not.toMatch(/Secret|Undo/)
  }
})

inChromium('what one person was about to change is never sent as the next', async () => {
  const person = await openPerson(world)
  const { page } = person
  await asAnn(page)
  const writers: string[] = []
  page.on('request', (request) => {
    if (isWrite(request)) writers.push(request.headers().authorization ?? '')
  })
  await page.getByRole('link', { name: 'ann' }).waitFor()
  await rename(page, 'Report 58', 'Never', endSessions)
  await page.getByRole('heading', { name: 'Please sign in again' }).waitFor()
  const sent = writers.length
  const reload = await hold(page, 'request', (request) => request.isNavigationRequest())
  await signInAs(page, 'nils')
  await reload.isHeld()
  await rest(person)
  reload.letGo()
  await page.getByRole('heading', { name: 'You cannot see any flow yet' }).waitFor()
  expect(writers).toHaveLength(sent)
})

inChromium('an answer that comes after signing out asks nobody to sign in again', async () => {
  const person = await openPerson(world)
  const { page, context } = person
  await asAnn(page)
  const other = await context.newPage()
  await other.goto('/console/flows')
  const write = await hold(page, 'request', isWrite)
  await rename(page, 'Report 57', 'Never')
  await write.isHeld()
  await other.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  const answered = page.waitForResponse((response) => isWrite(response.request()))
  write.letGo()
  expect((await answered).status()).toBe(401)
  await rest(person)
  expect(await page.locator('body').innerText()).not.toContain('again')
})
