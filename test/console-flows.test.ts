// What is done with flows and projects in the console beyond the list itself: choosing one of many projects, moving out
// of none, exact copies, files, and the way to LangBuilder.
import { readFile } from 'node:fs/promises'
import { strFromU8, unzipSync } from 'fflate'
import type { Download, Page } from 'playwright-core'
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
import { createFlow, createProject, expectStatus, mergePatch } from './support/world.ts'

const BUILDER = 'https://builder.example.com'
const world = consoleWorld({ LANGBUILDER_URL: `${BUILDER}/` })
const asAnn = (page: Page, path?: string) => enter(page, 'ann', 'ann-password', path)
/** What a combobox has found. */
const found = (page: Page) => page.locator('.found [role="option"]')
const said = (page: Page) => page.locator('.picker [role="status"]').innerText()
const boxOf = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true })

inChromium(
  'of very many projects fifty are shown, said how many more there are, and the rest found by typing',
  async () => {
    for (let n = 1; n <= 70; n++) await createProject(world.ann, `Region ${n}`)
    const { page, complaints } = await openPerson(world)
    await asAnn(page, '/flows?order=name')
    await page.getByRole('link', { name: 'Plans', exact: true }).first().waitFor()
    const box = boxOf(page, 'Project')
    expect(await box.inputValue()).toBe('All projects')
    await box.click()
    await soon(() => found(page).count()).toBe(50)
    await soon(() => said(page)).toBe('50 shown, 24 more: type more of the name')
    await screenshot(page, 'console-projects')
    expect(await faultsOf(page)).toEqual([])
    await box.fill('plan')
    await soon(() => found(page).allInnerTexts()).toEqual(['Plans'])
    await soon(() => said(page)).toBe('1 found')
    expect(page.url()).not.toContain('project=')
    await page.keyboard.press('ArrowDown')
    await soon(() => box.getAttribute('aria-activedescendant')).not.toBe(null)
    await page.keyboard.press('Enter')
    await soon(() => total(page)).toBe('62 flows')
    expect(page.url()).toContain(`project=${world.plans}`)
    expect(await box.inputValue()).toBe('Plans')
    await page.reload()
    await soon(() => box.inputValue()).toBe('Plans')
    // What is begun and given up changes nothing.
    await box.fill('region')
    await page.keyboard.press('Escape')
    expect(await box.inputValue()).toBe('Plans')
    await chooseProject(page, 'Project', 'All projects')
    await soon(() => page.url()).not.toContain('project=')
    expect(complaints).toEqual([])
  },
)

inChromium(
  'a flow is moved by keyboard, and one that was in no project goes back to none',
  async () => {
    const id = await createFlow(world.ann, 'Stray', world.plans)
    const path = `/api/v1/flows/${id}`
    await expectStatus(200, mergePatch(world.gate, world.ann, path, { folder_id: null }))
    await createProject(world.ann, MARKUP)
    const { page } = await openPerson(world, { width: 320, height: 700 })
    await asAnn(page, '/flows?search=stray')
    await page.getByText('No project').waitFor()
    await page.locator('summary').click()
    await page.getByRole('button', { name: 'Move' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: 'Move' }).isDisabled()).toBe(true)
    await page.keyboard.type('<img')
    await soon(() => found(page).allInnerTexts()).toEqual([MARKUP])
    expect(await overflowOf(page)).toBe(0)
    await screenshot(page, 'console-move-320')
    // The list is closed before the dialog is.
    await page.keyboard.press('Escape')
    await page.keyboard.type('<img')
    await found(page).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Move' }).click()
    await soon(() => bar(page)).toBe(`1 flow moved to “${MARKUP}”.`)
    expect((await world.ann.get(path)).body.folder_id).not.toBe(null)
    await page.getByRole('button', { name: 'Undo' }).click()
    await soon(() => bar(page)).toBe('Taken back.')
    expect((await world.ann.get(path)).body.folder_id).toBe(null)
  },
)

inChromium(
  'a list is scrolled by touch and taken by a click, and Enter in it moves nothing anywhere',
  async () => {
    for (let n = 1; n <= 30; n++) await createProject(world.ann, `Shelf ${n}`)
    const id = await createFlow(world.ann, 'Settled', world.plans)
    const { page } = await openPerson(world)
    await asAnn(page, '/flows?search=settled')
    await page.locator('summary').click()
    await page.getByRole('button', { name: 'Move' }).click()
    const box = boxOf(page, 'Into the project')
    await box.fill('shelf')
    await soon(() => found(page).count()).toBe(30)
    // A finger that begins to scroll, and the other button of a mouse.
    await found(page).first().dispatchEvent('pointerdown')
    await found(page).first().click({ button: 'right' })
    expect([await box.inputValue(), await found(page).count()]).toEqual(['shelf', 30])
    // As a screen reader does it.
    await found(page).first().dispatchEvent('click')
    await soon(() => box.inputValue()).toMatch(/^Shelf/)
    const move = page.getByRole('dialog').getByRole('button', { name: 'Move' })
    expect(await move.isEnabled()).toBe(true)
    await box.fill('plan')
    await soon(() => found(page).allInnerTexts()).toEqual(['Plans'])
    await page.keyboard.press('Enter')
    expect(await move.isDisabled()).toBe(true)
    expect(await box.inputValue()).toBe('plan')
    expect((await world.ann.get(`/api/v1/flows/${id}`)).body.folder_id).toBe(world.plans)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await soon(() => box.inputValue()).toBe('Plans')
    await move.click()
    await soon(() => page.getByRole('dialog').count()).toBe(0)
  },
)

inChromium(
  'what is being done is not called back, and its question stays until it is',
  async () => {
    await createFlow(world.ann, 'Doomed', world.plans)
    const { page } = await openPerson(world)
    await asAnn(page, '/flows?search=doomed')
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    await page.route('**/api/v1/flows/**', async (route) => {
      if (route.request().method() === 'DELETE') await held
      await route.continue()
    })
    await page.locator('summary').click()
    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Working…' }).waitFor()
    expect(await dialog.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true)
    for (const key of ['Escape', 'Escape', 'Escape']) await page.keyboard.press(key)
    expect(await dialog.isVisible()).toBe(true)
    answer()
    await page.getByRole('heading', { name: 'No flow matches' }).waitFor()
    expect(await dialog.count()).toBe(0)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  },
)

inChromium('where the last flow of a page goes, the list begins anew', async () => {
  const brink = await createProject(world.ann, 'Brink')
  for (let n = 1; n <= 51; n++) await createFlow(world.ann, `Edge ${n}`, brink)
  const { page } = await openPerson(world)
  await asAnn(page, `/flows?order=name&project=${brink}`)
  await page.getByRole('button', { name: 'Next page' }).click()
  await soon(() => rows(page).count()).toBe(1)
  await page.locator('summary').click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await soon(() => rows(page).count()).toBe(50)
  expect(page.url()).not.toContain('cursor=')
})

inChromium('a copy holds the very numbers of the original', async () => {
  const numbers = '[12345678901234567890,0.10,1e400,-0.0]'
  const text = `{"name":"Exact","description":"\\"data\\": {","data":{"nodes":[],"edges":[],"numbers":${numbers}}}`
  const made = await world.gate.fetch('/api/v1/flows/', {
    method: 'POST',
    headers: { authorization: `Bearer ${world.ann.token}`, 'content-type': 'application/json' },
    body: text,
  })
  expect([made.status, (await made.text()).includes(numbers)]).toEqual([201, true])
  const { page } = await openPerson(world)
  await asAnn(page, '/flows?search=exact')
  await page.locator('summary').click()
  await page.getByRole('button', { name: 'Duplicate into mine' }).click()
  await soon(() => bar(page)).toContain('is in your Starter Project now.')
  const { body } = await world.ann.get('/api/v1/flows/?paged=all&search=exact')
  expect(body.total).toBe(2)
  for (const { id, description } of body.items) {
    const flow = await world.gate.fetch(`/api/v1/flows/${id}`, {
      headers: { authorization: `Bearer ${world.ann.token}` },
    })
    expect(await flow.text()).toContain(`"numbers":${numbers}`)
    expect(description).toBe('"data": {')
  }
})

inChromium('taking back that a flow was duplicated spares what was drawn in it since', async () => {
  const original = await createFlow(world.ann, 'Sketch')
  const { page } = await openPerson(world)
  const copies = async (): Promise<string[]> =>
    (await world.ann.get('/api/v1/flows/?paged=all&search=sketch')).body.items
      .map(({ id }: { id: string }) => id)
      .filter((id: string) => id !== original)
  await asAnn(page, '/flows?search=sketch&order=name')
  const duplicate = async () => {
    await page.locator('summary').first().click()
    await page.getByRole('button', { name: 'Duplicate into mine' }).click()
    await soon(() => bar(page)).toContain('is in your Starter Project now.')
    return (await copies())[0]
  }
  await duplicate()
  await page.getByRole('button', { name: 'Undo' }).click()
  await soon(copies).toEqual([])
  await soon(() => rows(page).count()).toBe(1)
  const copy = await duplicate()
  await expectStatus(200, world.ann.patch(`/api/v1/flows/${copy}`, { description: 'An hour' }))
  await page.getByRole('button', { name: 'Undo' }).click()
  await soon(() => bar(page)).toContain('has been changed since. It is still there')
  expect(await copies()).toEqual([copy])
})

inChromium(
  'taking back a move spares what was changed since, and moves all the others',
  async () => {
    const ids: string[] = []
    for (const n of [1, 2, 3]) ids.push(await createFlow(world.ann, `Batch ${n}`, world.plans))
    const target = await createProject(world.ann, 'Elsewhere')
    const places = () =>
      Promise.all(
        ids.map(async (id) => (await world.ann.get(`/api/v1/flows/${id}`)).body.folder_id),
      )
    const { page } = await openPerson(world)
    await asAnn(page, '/flows?search=batch&order=name')
    await soon(() => rows(page).count()).toBe(3)
    for (const n of [0, 1, 2]) await rows(page).nth(n).getByRole('checkbox').check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Move' }).click()
    await chooseProject(page, 'Into the project', 'Elsewhere')
    await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click()
    await soon(() => bar(page)).toBe('3 flows moved to “Elsewhere”.')
    await expectStatus(200, world.ann.patch(`/api/v1/flows/${ids[0]}`, { description: 'Mine' }))
    await page.getByRole('button', { name: 'Undo' }).click()
    await soon(() => bar(page)).toContain('2 of 3 flows moved back. For the others: Somebody else')
    expect(await places()).toEqual([target, world.plans, world.plans])
    await soon(() => page.getByRole('link', { name: 'Plans', exact: true }).count()).toBe(2)
  },
)

const contentOf = async (download: Download) => readFile(await download.path())

inChromium('one flow is downloaded as JSON and several as an archive, by their names', async () => {
  const { page } = await openPerson(world)
  await asAnn(page, `/flows?order=name&project=${world.plans}&search=invoices`)
  await page.locator('summary').click()
  const [one] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ])
  expect(one.suggestedFilename()).toBe('Invoices.json')
  const flow = JSON.parse(String(await contentOf(one)))
  expect([flow.name, flow.tags]).toEqual(['Invoices', ['finance']])
  await soon(() => bar(page)).toBe('1 flow downloaded. Secrets were left out.')

  await page.getByLabel('Search').fill('report 1')
  await soon(() => total(page)).toBe('11 flows')
  for (const n of [0, 1]) await rows(page).nth(n).getByRole('checkbox').check()
  const [several] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('toolbar').getByRole('button', { name: 'Download' }).click(),
  ])
  expect(several.suggestedFilename()).toMatch(/^\d+T?\w*_langbuilder_flows\.zip$/)
  const files = unzipSync(new Uint8Array(await contentOf(several)))
  const names = Object.values(files).map((file) => JSON.parse(strFromU8(file)).name)
  expect(Object.keys(files).sort()).toEqual(['Report 1.json', 'Report 10.json'])
  expect(names.sort()).toEqual(['Report 1', 'Report 10'])
})

inChromium(
  'a flow opens in the LangBuilder that the operator named, in a tab of its own',
  async () => {
    const { page } = await openPerson(world)
    await asAnn(page, '/flows?search=invoices')
    await page.locator('summary').click()
    const link = page.getByRole('link', { name: 'Open in LangBuilder' })
    const { body } = await world.ann.get('/api/v1/flows/?paged=all&search=invoices')
    expect(await link.getAttribute('href')).toBe(`${BUILDER}/flow/${body.items[0].id}`)
    expect(await link.getAttribute('rel')).toContain('noopener')
    expect(await link.getAttribute('target')).toBe('_blank')
  },
)

inChromium('the first row waits for nothing but the sign-in and the list itself', async () => {
  const { page } = await openPerson(world)
  await page.goto('/console/flows')
  await page.getByLabel('Name').waitFor()
  const asked: string[] = []
  // All else that the page asks for is never answered.
  await page.route('**/api/v1/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    asked.push(pathname)
    if (['/api/v1/login', '/api/v1/flows/'].includes(pathname)) await route.continue()
  })
  await page.getByLabel('Name').fill('ann')
  await page.getByLabel('Password').fill('ann-password')
  await page.keyboard.press('Enter')
  await rows(page).first().waitFor()
  const needed = asked.filter((path) => ['/api/v1/login', '/api/v1/flows/'].includes(path))
  expect(needed).toEqual(['/api/v1/login', '/api/v1/flows/'])
  expect(asked.length).toBeGreaterThan(needed.length)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})
