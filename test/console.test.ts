// The console as people meet it: Chromium, the Worker and sqld, nothing between them but loopback.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test as testOf } from 'vitest'
import {
  complaintsOf,
  enter,
  executablePath,
  launchChromium,
  overflowOf,
  personIn,
  screenshot,
} from './support/chromium.ts'
import { type Flowgate, SUPERUSER, SUPERUSER_PASSWORD, startFlowgate } from './support/flowgate.ts'
import { type Api, createFlow, createProject, createUser, grant, signIn } from './support/world.ts'

const test = testOf.skipIf(!executablePath)
const MARKUP = '<img src=x onerror=alert(1)><b>bold</b>'

let gate: Flowgate
let browser: Browser
let root: Api
let ann: Api
let bob: Api
let plans: string
beforeAll(async () => {
  if (!executablePath) return
  gate = await startFlowgate({ console: true })
  root = await signIn(gate)
  ann = await createUser(gate, root, 'ann')
  bob = await createUser(gate, root, 'bob')
  await createUser(gate, root, 'nils')
  plans = await createProject(ann, 'Plans')
  await createFlow(ann, 'Invoices', plans, { tags: ['finance'], description: 'Reads invoices' })
  await createFlow(ann, MARKUP, plans, { description: MARKUP })
  for (let n = 1; n <= 60; n++) await createFlow(ann, `Report ${n}`, plans)
  await grant(root, bob, 'Viewer', 'Project', plans)
  browser = await launchChromium()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await gate?.stop()
})

const asAnn = (page: Page, path?: string) => enter(page, 'ann', 'ann-password', path)
const rows = (page: Page) => page.locator('tbody tr')
const total = (page: Page) => page.locator('.total').innerText()
const bar = (page: Page) => page.locator('.notice p').innerText()

test('whoever signs in finds the flows, and a wrong password is said in words', async () => {
  const { page, complaints } = await personIn(browser, gate)
  await page.goto('/')
  await page.getByLabel('Name').fill('ann')
  await page.getByLabel('Password').fill('wrong-password')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByRole('alert').innerText()).toContain('Incorrect username')
  await asAnn(page)
  await expect.poll(() => rows(page).count()).toBe(50)
  expect(await total(page)).toBe('62 flows')
  expect(new URL(page.url()).pathname).toBe('/console/flows')
  expect(complaints).toEqual([])
  await screenshot(page, 'console-flows')
})

test('after signing in the first rows are one round trip of the API away', async () => {
  const { page } = await personIn(browser, gate)
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

test('a name full of markup is shown as it is written', async () => {
  const { page, complaints } = await personIn(browser, gate)
  await asAnn(page, '/flows?search=onerror')
  await expect.poll(() => page.locator('.words').first().innerText()).toBe(MARKUP)
  expect(await page.locator('tbody img, tbody b').count()).toBe(0)
  expect(complaints).toEqual([])
})

test('what is typed is searched for, stands in the address, and the back button leads back', async () => {
  const { page } = await personIn(browser, gate)
  await asAnn(page)
  await rows(page).first().waitFor()
  await page.getByLabel('Order').selectOption('name')
  await expect.poll(() => page.url()).toContain('order=name')
  await page.getByLabel('Search').fill('invoices')
  await expect.poll(() => total(page)).toBe('1 flow')
  expect(page.url()).toContain('search=invoices')
  await page.reload()
  await expect.poll(() => total(page)).toBe('1 flow')
  expect(await page.getByLabel('Search').inputValue()).toBe('invoices')
  await page.goBack()
  await expect.poll(() => total(page)).toBe('62 flows')
  expect(await page.getByLabel('Search').inputValue()).toBe('')
  await page.getByLabel('Search').fill('nothing has this name')
  await page.getByRole('heading', { name: 'No flow matches' }).waitFor()
  await page.getByRole('button', { name: 'Clear search and filters' }).click()
  await expect.poll(() => total(page)).toBe('62 flows')
})

test('a tag and a project narrow the list, and the pages of it meet without a gap', async () => {
  const { page } = await personIn(browser, gate)
  await asAnn(page, '/flows?tag=finance')
  await expect.poll(() => total(page)).toBe('1 flow')
  await page.goto(`/console/flows?order=name&project=${plans}`)
  await expect.poll(() => rows(page).count()).toBe(50)
  const first = await page.locator('.words').allInnerTexts()
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect.poll(() => rows(page).count()).toBe(12)
  const second = await page.locator('.words').allInnerTexts()
  expect(new Set([...first, ...second]).size).toBe(62)
  await page.goBack()
  await expect.poll(() => page.locator('.words').allInnerTexts()).toEqual(first)
})

test('whoever may only read is offered nothing else, and whoever sees nothing is told what to do', async () => {
  const viewer = await personIn(browser, gate)
  await enter(viewer.page, 'bob', 'bob-password', '/flows?search=invoices')
  await viewer.page.locator('summary').click()
  const offered = await viewer.page.locator('.menu li').allInnerTexts()
  expect(offered).toEqual(['Duplicate into mine', 'Download'])
  const nobody = await personIn(browser, gate)
  await enter(nobody.page, 'nils', 'nils-password')
  await nobody.page.getByRole('heading', { name: 'You cannot see any flow yet' }).waitFor()
})

test('a token that is over is renewed once, while the page asks several things', async () => {
  const { page } = await personIn(browser, gate)
  await asAnn(page)
  await rows(page).first().waitFor()
  const renewals: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/refresh')) renewals.push(request.url())
  })
  // The three things that a page asks go out with a token that is none.
  let spoiled = 0
  await page.route('**/api/v1/**', (route) => {
    const headers = route.request().headers()
    if (!headers.authorization || spoiled++ >= 3) return route.continue()
    return route.continue({ headers: { ...headers, authorization: 'Bearer over' } })
  })
  await page.getByLabel('Search').fill('invoices')
  await expect.poll(() => total(page)).toBe('1 flow')
  expect(renewals).toHaveLength(1)
})

test('a session that ends in the middle of work is begun again, and the work goes on', async () => {
  const { page } = await personIn(browser, gate)
  await asAnn(page, '/flows?search=invoices')
  await expect.poll(() => total(page)).toBe('1 flow')
  await gate.db.execute('DELETE FROM flowgate_session')
  await page.locator('summary').click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('New name').fill('Invoices 2')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Please sign in again' }).waitFor()
  await page.getByLabel('Name', { exact: true }).fill('ann')
  await page.getByLabel('Password').fill('ann-password')
  await page.keyboard.press('Enter')
  await expect.poll(() => bar(page)).toBe('“Invoices” is now “Invoices 2”.')
  expect(page.url()).toContain('search=invoices')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => bar(page)).toBe('Taken back.')
  await expect.poll(() => page.locator('.words').innerText()).toBe('Invoices')
  ann = await signIn(gate, 'ann', 'ann-password')
  root = await signIn(gate)
})

test('a reload stays signed in without a token in any storage, and signing out ends all tabs', async () => {
  const { page, context } = await personIn(browser, gate)
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
})

test('several flows are moved together and back again, duplicated, and deleted after a question', async () => {
  const target = await createProject(ann, 'Archive')
  const { page } = await personIn(browser, gate)
  await asAnn(page, `/flows?order=name&project=${plans}&search=report`)
  await expect.poll(() => total(page)).toBe('60 flows')
  for (const n of [0, 1]) await rows(page).nth(n).getByRole('checkbox').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Move' }).click()
  await page.getByLabel('Into the project').selectOption({ label: 'Archive' })
  await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click()
  await expect.poll(() => bar(page)).toBe('2 flows moved to “Archive”.')
  await expect.poll(() => total(page)).toBe('58 flows')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => total(page)).toBe('60 flows')
  await rows(page).first().locator('summary').click()
  await page.getByRole('button', { name: 'Duplicate into mine' }).click()
  await expect.poll(() => bar(page)).toContain('is in your Starter Project now.')
  const { body } = await ann.get('/api/v1/flows/?paged=all&search=report')
  expect(body.total).toBe(61)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect
    .poll(async () => (await ann.get(`/api/v1/flows/?paged=all&search=report`)).body.total)
    .toBe(60)
  for (const n of [0, 1]) await rows(page).nth(n).getByRole('checkbox').check()
  await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
  await page.keyboard.press('Escape')
  expect(await total(page)).toBe('60 flows')
  await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect.poll(() => total(page)).toBe('58 flows')
  await ann.delete(`/api/v1/projects/${target}`)
})

test('what somebody else has changed meanwhile is not overwritten', async () => {
  const id = await createFlow(ann, 'Contested')
  const { page } = await personIn(browser, gate)
  await asAnn(page, '/flows?search=contested')
  await page.locator('summary').click()
  await ann.patch(`/api/v1/flows/${id}`, { description: 'changed meanwhile' })
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('New name').fill('Mine')
  await page.keyboard.press('Enter')
  const said = page.getByRole('dialog').getByRole('alert')
  await expect.poll(() => said.innerText()).toContain('Somebody else has changed this meanwhile')
  expect((await ann.get(`/api/v1/flows/${id}`)).body.name).toBe('Contested')
})

test('the whole life of a share: warned of, given, explained, ended, taken back', async () => {
  const id = await createFlow(ann, 'Shared one', plans)
  const { page, complaints } = await personIn(browser, gate)
  await asAnn(page, '/flows?search=shared')
  await page.locator('summary').click()
  await page.getByRole('link', { name: 'Who has access' }).click()
  await page.getByRole('heading', { name: 'Who has access' }).waitFor()
  const people = page.locator('section[aria-labelledby="people"]')
  await expect.poll(() => people.innerText()).toContain('Viewer, the project')
  const box = page.getByRole('form', { name: 'Share' })
  await box.getByLabel('Person or team').fill('bo')
  await page.getByRole('option', { name: 'bob' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => box.innerText()).toContain('bob can do this already: Read (the project)')
  await box.getByLabel('Role').selectOption('Editor')
  await screenshot(page, 'console-access')
  await box.getByRole('button', { name: 'Share' }).click()
  await expect.poll(() => bar(page)).toContain('bob is Editor here now.')
  const shares = page.locator('section[aria-labelledby="shares"]')
  await expect.poll(() => shares.innerText()).toMatch(/bob\s+Editor\s+Without end\s+ann/)
  expect(
    (
      await bob.get(
        `/api/v1/rbac/check-permission?permission=Update&scope_type=Flow&scope_id=${id}`,
      )
    ).body,
  ).toBeTruthy()
  await page.getByRole('button', { name: 'End the share of bob' }).click()
  await expect.poll(() => bar(page)).toBe('bob no longer has this share.')
  await expect.poll(() => shares.innerText()).not.toContain('bob')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => shares.innerText()).toContain('bob')
  await page.goBack()
  await expect.poll(() => total(page)).toBe('1 flow')
  expect(complaints).toEqual([])
})

test('why and why not is a sentence and the grants that had a say', async () => {
  const id = await createFlow(ann, 'Explained', plans)
  await grant(root, bob, 'Editor', 'Flow', id)
  const { page } = await personIn(browser, gate)
  await enter(page, SUPERUSER, SUPERUSER_PASSWORD, `/access/flow/${id}`)
  const why = page.locator('section[aria-labelledby="why"]')
  await expect.poll(() => why.innerText()).toContain('Yes: you may read it.')
  await why.getByLabel('Person').fill('bob')
  await page.getByRole('option', { name: 'bob' }).click()
  await why.getByLabel('Action').selectOption('Delete')
  await expect.poll(() => why.innerText()).toContain('No: bob may not delete it.')
  const said = await why.innerText()
  expect(said).toContain('Editor, this flow: decides, does not allow it')
  expect(said).toContain('Viewer, the project: overruled by a closer one')
  const name = page.locator('.what strong')
  await expect.poll(() => name.innerText()).toBe('Explained')
})

test('a database that fails is said in words with the number of the request, and tried again by itself first', async () => {
  const { page } = await personIn(browser, gate)
  await asAnn(page)
  await rows(page).first().waitFor()
  gate.proxy.reset()
  gate.proxy.decide((k) => (k <= 2 ? 'lost' : 'forward'))
  await page.getByLabel('Search').fill('invoices')
  await expect.poll(() => total(page), { timeout: 15_000 }).toBe('1 flow')
  gate.proxy.decide(() => 'lost')
  await page.getByLabel('Search').fill('report')
  const said = page.getByRole('alert')
  await expect
    .poll(() => said.innerText(), { timeout: 30_000 })
    .toMatch(/database.*\s+Request [0-9a-f-]{36}/)
  gate.proxy.decide(() => 'forward')
  await said.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => total(page)).not.toBe('1 flow')
  expect(await page.getByRole('alert').count()).toBe(0)
})

test('all of it works by keyboard, and the focus comes back to where it was', async () => {
  const { page } = await personIn(browser, gate)
  await asAnn(page, '/flows?search=invoices')
  await page.locator('summary').focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Escape')
  const focused = () => page.evaluate('document.activeElement.tagName')
  expect(await focused()).toBe('SUMMARY')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Rename' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('New name').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  expect(await focused()).toBe('SUMMARY')
})

test.each([
  ['a phone', 320],
  ['a wall', 2560],
])('%s needs no scrolling sideways, by day and by night', async (_, width) => {
  const { page } = await personIn(browser, gate, { width, height: 800 })
  await asAnn(page)
  await rows(page).first().waitFor()
  expect(await overflowOf(page)).toBe(0)
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const day = await ground()
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await ground()).not.toBe(day)
  await screenshot(page, `console-flows-${width}-dark`)
  const { body } = await ann.get('/api/v1/flows/?paged=all&search=invoices')
  await page.goto(`/console/access/flow/${body.items[0].id}`)
  await page.locator('section[aria-labelledby="people"]').waitFor()
  expect(await overflowOf(page)).toBe(0)
  await screenshot(page, `console-access-${width}-dark`)
})

test('a second person in the same browser sees nothing of the first', async () => {
  const { page, context } = await personIn(browser, gate)
  await asAnn(page)
  await rows(page).first().waitFor()
  const other = await context.newPage()
  complaintsOf(other)
  await other.goto('/console/flows')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await enter(other, 'nils', 'nils-password')
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await page.locator('body').innerText()).not.toContain('Report')
})
