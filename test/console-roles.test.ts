// Roles in a real browser: the grid, what changing a tick changes, two roles side by side, and who sees it.
import type { Page } from 'playwright-core'
import { beforeAll, expect } from 'vitest'
import { faultsOf } from './support/accessible.ts'
import { enter, overflowOf, screenshot } from './support/chromium.ts'
import { bar, consoleWorld, inChromium, MARKUP, openPerson, soon } from './support/console-world.ts'
import { SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import { createFlow, createUser, expectStatus, grant } from './support/world.ts'

const world = consoleWorld()
const ROLES = '/api/v1/rbac/roles'
/** Reads and updates flows; bob holds it on the project. */
let reviewer: string

beforeAll(async () => {
  if (!world.gate) return
  const { gate, root, bob, plans } = world
  await grant(root, await createUser(gate, root, 'gina'), 'Admin', 'Global')
  reviewer = await createRole('Reviewer', ['Flow:Read', 'Flow:Update'])
  await createRole(MARKUP, ['Flow:Read'])
  await grant(root, bob, 'Reviewer', 'Project', plans)
}, 60_000)

async function createRole(name: string, permissions: string[]): Promise<string> {
  const role = { name, description: `All of ${name}`, permissions }
  return (await expectStatus(201, world.root.post(ROLES, role))).body.id
}
const permissionsOf = async (id: string): Promise<string[]> =>
  (await world.root.get(`${ROLES}/${id}`)).body.permissions
const named = async (name: string): Promise<string | undefined> =>
  (await world.root.get(ROLES)).body.find((role: { name: string }) => role.name === name)?.id

const enterRoot = (page: Page, path = '/roles') => enter(page, SUPERUSER, SUPERUSER_PASSWORD, path)
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' }).click()
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
/** What the grid says of a role, from top to bottom. */
const column = (page: Page, role: string) => page.locator(`.grid td[data-label="${role}"]`)
const ticks = async (page: Page, role: string) =>
  (await column(page, role).allInnerTexts()).slice(1, 9).map((text) => text.slice(0, 1))

inChromium(
  'the grid says what each role allows and how often it is given; those of the system are fixed',
  async () => {
    const { page, complaints } = await openPerson(world)
    await enterRoot(page)
    await soon(() => ticks(page, 'Editor')).toEqual([...'✓✓✓–✓✓✓–'])
    expect(await ticks(page, 'Reviewer')).toEqual([...'✓–✓–––––'])
    expect(await column(page, 'Editor').last().innerText()).toBe('Fixed')
    expect(await page.locator('thead').innerText()).toContain(MARKUP)
    expect(await page.locator('main img, main b').count()).toBe(0)
    await column(page, 'Reviewer').getByRole('button', { name: '1 grant' }).click()
    const given = page.locator('section[aria-labelledby="given"]')
    await soon(() => given.innerText()).toMatch(/bob\s+Project Plans.*Without end/s)
    await page.reload()
    await soon(() => given.innerText()).toMatch(/bob\s+Project Plans/)
    await page.goBack()
    await soon(() => given.count()).toBe(0)
    expect(complaints).toEqual([])
  },
)

inChromium(
  'a role is made, its ticks changed behind a sentence that says for how many, and all of it taken back',
  async () => {
    const { page } = await openPerson(world)
    await enterRoot(page)
    await button(page, 'New role').click()
    await page.getByLabel('Name').fill('Watcher')
    await page.getByRole('group', { name: 'On flows' }).getByLabel('Read').check()
    await page.keyboard.press('Enter')
    await soon(() => ticks(page, 'Watcher')).toEqual([...'✓–––––––'])
    await undo(page)
    await soon(() => named('Watcher')).toBe(undefined)
    await button(page, 'Change Reviewer').click()
    const question = page.getByRole('dialog')
    expect(await button(page, 'Save').isDisabled()).toBe(true)
    await question.getByRole('group', { name: 'On flows' }).getByLabel('Update').uncheck()
    await question.getByRole('group', { name: 'On projects' }).getByLabel('Read').check()
    await soon(() => question.innerText()).toContain(
      'This changes 1 grant at once. Its holders may from now on: Read projects. They may no longer: Update flows.',
    )
    await button(page, 'Save').click()
    await soon(() => ticks(page, 'Reviewer')).toEqual([...'✓–––✓–––'])
    expect(await permissionsOf(reviewer)).toEqual(['Flow:Read', 'Project:Read'])
    await undo(page)
    await soon(() => permissionsOf(reviewer)).toEqual(['Flow:Read', 'Flow:Update'])
  },
)

inChromium(
  'a role that is given another name keeps its grants, and what another admin changes afterwards is not taken back',
  async () => {
    const id = await createRole('Old name', ['Flow:Read', 'Flow:Delete'])
    await grant(world.root, world.bob, 'Old name', 'Project', world.plans)
    const { page } = await openPerson(world)
    await enterRoot(page)
    await button(page, 'Change Old name').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('New name')
    await button(page, 'Save').click()
    const used = column(page, 'New name').getByRole('button', { name: '1 grant' })
    await soon(() => used.count()).toBe(1)
    await world.root.patch(`${ROLES}/${id}`, { permissions: ['Flow:Read'] })
    await undo(page)
    await soon(() => bar(page)).toContain('Somebody else has changed this meanwhile')
    expect(await permissionsOf(id)).toEqual(['Flow:Read'])
  },
)

inChromium(
  'a role in use is not deleted, and why is said; one that nobody has is, with a way back',
  async () => {
    const spare = await createRole('Spare', ['Flow:Read', 'Project:Read'])
    const { page } = await openPerson(world)
    await enterRoot(page)
    await button(page, 'Delete Reviewer').click()
    await soon(() => bar(page)).toContain('“Reviewer” cannot be deleted: 1 grant is of this role.')
    await button(page, 'Delete Spare').dblclick()
    await soon(() => bar(page)).toBe('The role “Spare” is deleted.')
    expect((await world.root.get(`${ROLES}/${spare}`)).status).toBe(404)
    await soon(() => column(page, 'Spare').count()).toBe(0)
    await undo(page)
    await soon(() => ticks(page, 'Spare')).toEqual([...'✓–––✓–––'])
    // Given to somebody while it is on the screen.
    await grant(world.root, world.bob, 'Spare', 'Project', world.plans)
    await button(page, 'Delete Spare').click()
    await soon(() => bar(page)).toContain("Role 'Spare' is in use by 1 grants")
  },
)

inChromium(
  'two roles stand side by side, in words where they differ, and the address keeps the choice',
  async () => {
    const { page } = await openPerson(world)
    await enterRoot(page)
    await page.getByLabel('Compare').selectOption({ label: 'Owner' })
    await page.getByLabel('with').selectOption({ label: 'Reviewer' })
    await page.getByText('They differ in 6 of the permissions.').waitFor()
    const said = async () => (await column(page, 'Difference').allInnerTexts()).join(' ')
    const all = 'Same Only Owner Same Only Owner Only Owner Only Owner Only Owner Only Owner'
    expect(await said()).toBe(all)
    await page.reload()
    await soon(said).toBe(all)
    await page.goBack()
    await soon(() => column(page, 'Viewer').count()).toBeGreaterThan(0)
    expect(await page.getByLabel('Compare').locator('option:checked').innerText()).toBe('Owner')
  },
)

inChromium(
  'what another admin has changed meanwhile is not overwritten, and a failing database is said in words',
  async () => {
    const id = await createRole('Contested', ['Flow:Read'])
    const { page } = await openPerson(world)
    await enter(page, 'gina', 'gina-password', '/roles')
    await button(page, 'Change Contested').click()
    await world.root.patch(`${ROLES}/${id}`, { permissions: ['Flow:Read', 'Flow:Delete'] })
    const question = page.getByRole('dialog')
    await question.getByRole('group', { name: 'On projects' }).getByLabel('Read').check()
    await button(page, 'Save').click()
    const alert = question.getByRole('alert')
    await soon(() => alert.innerText()).toContain('Somebody else has changed this meanwhile')
    expect(await permissionsOf(id)).toEqual(['Flow:Delete', 'Flow:Read'])
    world.gate.proxy.decide(() => 'lost')
    await button(page, 'Save').click()
    await soon(() => alert.innerText()).toMatch(/database.*Request/s)
    world.gate.proxy.decide(() => 'forward')
    await world.root.delete(`${ROLES}/${id}`)
  },
)

inChromium('who is no admin is not led here, and is told so where they come anyway', async () => {
  const { page } = await openPerson(world)
  await enter(page, 'ann', 'ann-password', '/roles')
  await soon(() => page.getByRole('alert').innerText()).toMatch(/admin.*Request/is)
  expect(await page.getByRole('navigation').getByRole('link', { name: 'Roles' }).count()).toBe(0)
  expect(await page.getByRole('button', { name: 'New role' }).count()).toBe(0)
})

inChromium(
  'admins share any role there is, others the usual ones and those that stand there already',
  async () => {
    const id = await createFlow(world.ann, 'Reviewed')
    const offers = async (name: string, password: string) => {
      const { page } = await openPerson(world)
      await enter(page, name, password, `/access/flow/${id}`)
      const role = page.getByRole('form', { name: 'Share' }).getByLabel('Role')
      await role.waitFor()
      return { role, options: () => role.locator('option').allInnerTexts() }
    }
    const admin = await offers('gina', 'gina-password')
    await soon(admin.options).toContain('Reviewer')
    expect(await admin.options()).not.toContain('Admin')
    expect(await (await offers('ann', 'ann-password')).options()).toEqual([
      ...['Viewer', 'Editor', 'Owner'],
    ])
    const share = { user_id: world.bob.userId, role: 'Reviewer' }
    await expectStatus(201, world.root.post(`/api/v1/flows/${id}/shares`, share))
    expect(await (await offers('ann', 'ann-password')).options()).toContain('Reviewer')
  },
)

inChromium(
  'a phone needs no scrolling sideways, and all of it is named and can be read, by day and by night',
  async () => {
    const { page } = await openPerson(world, { width: 320, height: 800 })
    const two = `a=${await named('Owner')}&b=${reviewer}`
    await enterRoot(page)
    for (const [name, query] of [
      ['roles', ''],
      ['roles-two', `?${two}`],
    ]) {
      await page.goto(`/console/roles${query}`)
      await column(page, 'Owner').first().waitFor()
      for (const width of [320, 800, 1280])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 900 })
          await page.emulateMedia({ colorScheme })
          expect([width, await overflowOf(page)]).toEqual([width, 0])
          expect(await faultsOf(page)).toEqual([])
          await screenshot(page, `console-${name}-${width}-${colorScheme}`)
        }
    }
    await button(page, 'Change Reviewer').click()
    expect(await faultsOf(page)).toEqual([])
    await screenshot(page, 'console-role-change-dark')
  },
)
