// The flows in the console, as people meet them: Chromium, the Worker and sqld, nothing between them but loopback.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { faultsOf } from './support/accessible.ts'
import { enter, overflowOf, screenshot } from './support/chromium.ts'
import {
  bar,
  chooseProject,
  consoleWorld,
  inChromium,
  MARKUP,
  openPerson,
  rows,
  soon,
  total,
} from './support/console-world.ts'
import { createFlow, createProject } from './support/world.ts'

const world = consoleWorld()
const asAnn = (page: Page, path?: string) => enter(page, 'ann', 'ann-password', path)

inChromium('a name full of markup is shown as it is written', async () => {
  const { page, complaints } = await openPerson(world)
  await asAnn(page, '/flows?search=onerror')
  await soon(() => page.locator('.words').first().innerText()).toBe(MARKUP)
  expect(await page.locator('tbody img, tbody b').count()).toBe(0)
  expect(complaints).toEqual([])
})

inChromium(
  'what is typed is searched for, stands in the address, and the back button leads back',
  async () => {
    const { page } = await openPerson(world)
    await asAnn(page)
    await rows(page).first().waitFor()
    await page.getByLabel('Order').selectOption('name')
    await soon(() => page.url()).toContain('order=name')
    await page.getByLabel('Search').fill('inv')
    await soon(() => page.url()).toContain('search=inv')
    await page.getByLabel('Search').fill('invoices')
    await soon(() => page.url()).toContain('search=invoices')
    await soon(() => total(page)).toBe('1 flow')
    await page.reload()
    await soon(() => total(page)).toBe('1 flow')
    expect(await page.getByLabel('Search').inputValue()).toBe('invoices')
    await page.goBack()
    await soon(() => total(page)).toBe('62 flows')
    expect(await page.getByLabel('Search').inputValue()).toBe('')
    expect(page.url()).toMatch(/order=name$/)
    await page.getByLabel('Search').fill('nothing has this name')
    await page.getByRole('heading', { name: 'No flow matches' }).waitFor()
    await page.getByRole('button', { name: 'Clear search and filters' }).click()
    await soon(() => total(page)).toBe('62 flows')
  },
)

inChromium(
  'a tag and a project narrow the list, and the pages of it meet without a gap',
  async () => {
    const { page } = await openPerson(world)
    await asAnn(page, '/flows?tag=finance')
    await soon(() => total(page)).toBe('1 flow')
    await page.goto(`/console/flows?order=name&project=${world.plans}`)
    await soon(() => rows(page).count()).toBe(50)
    const first = await page.locator('.words').allInnerTexts()
    await page.getByRole('button', { name: 'Next page' }).click()
    await soon(() => rows(page).count()).toBe(12)
    const second = await page.locator('.words').allInnerTexts()
    expect(new Set([...first, ...second]).size).toBe(62)
    await page.goBack()
    await soon(() => page.locator('.words').allInnerTexts()).toEqual(first)
  },
)

inChromium(
  'whoever may only read is offered nothing else, and whoever sees nothing is told what to do',
  async () => {
    const viewer = await openPerson(world)
    await enter(viewer.page, 'bob', 'bob-password', '/flows?search=invoices')
    await viewer.page.locator('summary').click()
    const offered = await viewer.page.locator('.menu li').allInnerTexts()
    expect(offered).toEqual(['Duplicate into mine', 'Download'])
    const nobody = await openPerson(world)
    await enter(nobody.page, 'nils', 'nils-password')
    await nobody.page.getByRole('heading', { name: 'You cannot see any flow yet' }).waitFor()
  },
)

inChromium(
  'several flows are moved together and back again, duplicated, and deleted after a question',
  async () => {
    const target = await createProject(world.ann, 'Archive')
    const { page } = await openPerson(world)
    await asAnn(page, `/flows?order=name&project=${world.plans}&search=report`)
    await soon(() => total(page)).toBe('60 flows')
    for (const n of [0, 1]) await rows(page).nth(n).getByRole('checkbox').check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Move' }).click()
    await chooseProject(page, 'Into the project', 'Archive')
    await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click()
    await soon(() => bar(page)).toBe('2 flows moved to “Archive”.')
    await soon(() => total(page)).toBe('58 flows')
    await page.getByRole('button', { name: 'Undo' }).click()
    await soon(() => total(page)).toBe('60 flows')
    await rows(page).first().locator('summary').click()
    await page.getByRole('button', { name: 'Duplicate into mine' }).click()
    await soon(() => bar(page)).toContain('is in your Starter Project now.')
    const { body } = await world.ann.get('/api/v1/flows/?paged=all&search=report')
    expect(body.total).toBe(61)
    await page.getByRole('button', { name: 'Undo' }).click()
    await soon(
      async () => (await world.ann.get(`/api/v1/flows/?paged=all&search=report`)).body.total,
    ).toBe(60)
    for (const n of [0, 1]) await rows(page).nth(n).getByRole('checkbox').check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    expect(await total(page)).toBe('60 flows')
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await soon(() => total(page)).toBe('58 flows')
    await world.ann.delete(`/api/v1/projects/${target}`)
  },
)

inChromium('what somebody else has changed meanwhile is not overwritten', async () => {
  const id = await createFlow(world.ann, 'Contested')
  const { page } = await openPerson(world)
  await asAnn(page, '/flows?search=contested')
  await page.locator('summary').click()
  await world.ann.patch(`/api/v1/flows/${id}`, { description: 'changed meanwhile' })
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('New name').fill('Mine')
  await page.keyboard.press('Enter')
  const said = page.getByRole('dialog').getByRole('alert')
  await soon(() => said.innerText()).toContain('Somebody else has changed this meanwhile')
  expect((await world.ann.get(`/api/v1/flows/${id}`)).body.name).toBe('Contested')
})

inChromium(
  'a database that fails is said in words with the number of the request, and tried again by itself first',
  async () => {
    const { page } = await openPerson(world)
    await asAnn(page)
    await rows(page).first().waitFor()
    world.gate.proxy.reset()
    world.gate.proxy.decide((k) => (k <= 2 ? 'lost' : 'forward'))
    await page.getByLabel('Search').fill('invoices')
    await soon(() => total(page)).toBe('1 flow')
    world.gate.proxy.decide(() => 'lost')
    await page.getByLabel('Search').fill('report')
    const said = page.getByRole('alert')
    await soon(() => said.innerText()).toMatch(/database.*\s+Request [0-9a-f-]{36}/)
    world.gate.proxy.decide(() => 'forward')
    await said.getByRole('button', { name: 'Try again' }).click()
    await soon(() => total(page)).not.toBe('1 flow')
    expect(await page.getByRole('alert').count()).toBe(0)
  },
)

inChromium('all of it works by keyboard, and the focus comes back to where it was', async () => {
  const { page } = await openPerson(world)
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
  await soon(() => page.getByRole('dialog').count()).toBe(0)
  expect(await focused()).toBe('SUMMARY')
})

inChromium.each([
  ['a phone', 320],
  ['a wall', 2560],
])(
  '%s needs no scrolling sideways, and all of it is named and can be read, by day and by night',
  async (_, width) => {
    const { page } = await openPerson(world, { width, height: 800 })
    await asAnn(page)
    await rows(page).first().waitFor()
    expect(await overflowOf(page)).toBe(0)
    expect(await faultsOf(page)).toEqual([])
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const day = await ground()
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await ground()).not.toBe(day)
    expect(await faultsOf(page)).toEqual([])
    await screenshot(page, `console-flows-${width}-dark`)
    const { body } = await world.ann.get('/api/v1/flows/?paged=all&search=invoices')
    await page.goto(`/console/access/flow/${body.items[0].id}`)
    await page.locator('section[aria-labelledby="people"]').waitFor()
    expect(await overflowOf(page)).toBe(0)
    expect(await faultsOf(page)).toEqual([])
    await screenshot(page, `console-access-${width}-dark`)
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await faultsOf(page)).toEqual([])
    await screenshot(page, `console-access-${width}-light`)
  },
)
