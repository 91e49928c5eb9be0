// Coming, staying and going in the console, in a real browser.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { complaintsOf, enter, screenshot } from './support/chromium.ts'
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
    await world.gate.db.execute('DELETE FROM flowgate_session')
    await page.locator('summary').click()
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('New name').fill('Invoices 2')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Please sign in again' }).waitFor()
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
