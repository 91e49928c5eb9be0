// Who has access, in a real browser: the whole life of a share, and why.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { enter, screenshot } from './support/chromium.ts'
import { bar, consoleWorld, inChromium, openPerson, soon, total } from './support/console-world.ts'
import { SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import { createFlow, createProject, grant } from './support/world.ts'

const world = consoleWorld()
const asAnn = (page: Page, path?: string) => enter(page, 'ann', 'ann-password', path)

inChromium(
  'the whole life of a share: warned of, given, explained, ended, taken back',
  async () => {
    const id = await createFlow(world.ann, 'Shared one', world.plans)
    const { page, complaints } = await openPerson(world)
    await asAnn(page, '/flows?search=shared')
    await page.locator('summary').click()
    await page.getByRole('link', { name: 'Who has access' }).click()
    await page.getByRole('heading', { name: 'Who has access' }).waitFor()
    const people = page.locator('section[aria-labelledby="people"]')
    await soon(() => people.innerText()).toContain('Viewer, the project')
    // What the API would refuse is not offered.
    await page.getByText('Your own').waitFor()
    expect(await page.getByRole('button', { name: 'End the share of ann' }).count()).toBe(0)
    const box = page.getByRole('form', { name: 'Share' })
    await box.getByRole('combobox', { name: 'Person or team' }).fill('bo')
    await page.getByRole('option', { name: 'bob' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await soon(() => box.innerText()).toContain('bob can do this already: Read (the project)')
    await box.getByLabel('Role').selectOption('Editor')
    await screenshot(page, 'console-access')
    await box.getByRole('button', { name: 'Share' }).click()
    await soon(() => bar(page)).toContain('bob is Editor here now.')
    const shares = page.locator('section[aria-labelledby="shares"]')
    await soon(() => shares.innerText()).toMatch(/bob\s+Editor\s+Without end\s+ann/)
    const mayBob = async () =>
      (
        await world.bob.get(
          `/api/v1/rbac/check-permission?permission=Update&scope_type=Flow&scope_id=${id}`,
        )
      ).body.has_permission
    expect(await mayBob()).toBe(true)
    // The button goes with its row: a keyboard goes on at the way back, and stays there.
    const focused = () =>
      page.evaluate('document.activeElement.id || document.activeElement.innerText')
    await page.getByRole('button', { name: 'End the share of bob' }).focus()
    await page.keyboard.press('Enter')
    await soon(() => bar(page)).toBe('bob no longer has this share.')
    await soon(() => shares.innerText()).not.toContain('bob')
    expect(await mayBob()).toBe(false)
    await soon(focused).toBe('Undo')
    await page.keyboard.press('Enter')
    await soon(() => shares.innerText()).toContain('bob')
    await soon(focused).toMatch(/^(Close|main)$/)
    await page.goBack()
    await soon(() => total(page)).toBe('1 flow')
    expect(complaints).toEqual([])
  },
)

inChromium('why and why not is a sentence and the grants that had a say', async () => {
  const id = await createFlow(world.ann, 'Explained', world.plans)
  await grant(world.root, world.bob, 'Editor', 'Flow', id)
  const { page } = await openPerson(world)
  await enter(page, SUPERUSER, SUPERUSER_PASSWORD, `/access/flow/${id}`)
  const why = page.locator('section[aria-labelledby="why"]')
  await soon(() => why.innerText()).toContain('Yes: you may read it.')
  await why.getByRole('combobox', { name: 'Person' }).fill('bob')
  await page.getByRole('option', { name: 'bob' }).click()
  await why.getByLabel('Action').selectOption('Delete')
  await soon(() => why.innerText()).toContain('No: bob may not delete it.')
  const said = await why.innerText()
  expect(said).toContain('Editor, this flow: decides, does not allow it')
  expect(said).toContain('Viewer, the project: overruled by a closer one')
  const name = page.locator('.what strong')
  await soon(() => name.innerText()).toBe('Explained')
})

inChromium('a project is shared like a flow, from beside its flows', async () => {
  const project = await createProject(world.ann, 'Shared whole')
  const { page } = await openPerson(world)
  await asAnn(page, `/flows?project=${project}`)
  await page.getByRole('link', { name: 'Who has access to this project' }).click()
  await soon(() => page.locator('.what').innerText()).toBe('Project Shared whole')
  const box = page.getByRole('form', { name: 'Share' })
  await box.getByRole('combobox', { name: 'Person or team' }).fill('nils')
  await page.getByRole('option', { name: 'nils' }).click()
  await box.getByRole('button', { name: 'Share' }).click()
  await soon(() => bar(page)).toBe('nils is Viewer here now.')
  const shares = page.locator('section[aria-labelledby="shares"]')
  await soon(() => shares.innerText()).toMatch(/nils\s+Viewer/)
  await page.getByRole('button', { name: 'End the share of nils' }).click()
  await soon(() => shares.innerText()).not.toContain('nils')
})
