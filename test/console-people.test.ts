// People and their pages in the console, as superusers, Global Admins and everybody else meet them.
import type { Page } from 'playwright-core'
import { beforeAll, expect } from 'vitest'
import { faultsOf } from './support/accessible.ts'
import { enter, executablePath, overflowOf, screenshot } from './support/chromium.ts'
import {
  bar,
  consoleWorld,
  inChromium,
  MARKUP,
  openPerson,
  rows,
  soon,
} from './support/console-world.ts'
import { SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import {
  type Api,
  call,
  createFlow,
  createUser,
  expectStatus,
  grant,
  login,
} from './support/world.ts'

const world = consoleWorld()
let gina: Api
let vera: Api
let team: string
beforeAll(async () => {
  if (!executablePath) return
  const { gate, root, ann, plans } = world
  gina = await createUser(gate, root, 'gina')
  await grant(root, gina, 'Admin', 'Global')
  vera = await createUser(gate, root, 'vera')
  await createFlow(vera, 'Hers')
  await expectStatus(200, vera.post('/api/v1/api_key/', { name: 'robot' }))
  team = (await expectStatus(201, root.post('/api/v1/teams/', { name: 'Support' }))).body.id
  await expectStatus(201, root.post(`/api/v1/teams/${team}/members`, { user_id: vera.userId }))
  const invoices = (await ann.get('/api/v1/flows/?paged=all&search=invoices')).body.items[0].id
  await expectStatus(
    201,
    ann.post(`/api/v1/flows/${invoices}/shares`, { team_id: team, role: 'Viewer' }),
  )
  await expectStatus(
    201,
    ann.post(`/api/v1/projects/${plans}/shares`, { user_id: vera.userId, role: 'Viewer' }),
  )
})

const signUp = (username: string) =>
  expectStatus(
    201,
    call(world.gate, 'POST', '/api/v1/users/', { username, password: `${username}-password` }),
  )
const asRoot = (page: Page, path: string) => enter(page, SUPERUSER, SUPERUSER_PASSWORD, path)
const maySignIn = async (username: string, password = `${username}-password`) =>
  (await login(world.gate, username, password)).status === 200
const dialog = (page: Page) => page.getByRole('dialog')
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const answer = (page: Page, name: string) => dialog(page).getByRole('button', { name }).click()
/** The password stands there until it is said to be kept. */
async function keep(page: Page, password: string): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Copy' }).waitFor()
  expect(await dialog(page).getByLabel('Password').inputValue()).toBe(password)
  await page.keyboard.press('Escape')
  await answer(page, 'I have kept it')
}
const part = (page: Page, id: string) => page.locator(`section[aria-labelledby="${id}"]`)

inChromium(
  'a superuser finds people by name, and makes somebody who can sign in at once, or not after all',
  async () => {
    const { page, complaints } = await openPerson(world)
    await asRoot(page, '/people')
    await soon(() => page.locator('.total').innerText()).toMatch(/^\d+ people$/)
    await screenshot(page, 'console-people')
    await page.getByRole('searchbox', { name: 'Name' }).fill('VER')
    await soon(() => page.locator('.total').innerText()).toBe('1 person')
    expect(page.url()).toContain('search=VER')
    await page.reload()
    await soon(() => rows(page).allInnerTexts()).toMatchObject([/vera\s+Active/])
    await page.getByRole('searchbox', { name: 'Name' }).fill('no such name')
    await page.getByRole('heading', { name: 'Nobody has such a name' }).waitFor()
    await press(page, 'Create a person')
    await dialog(page).getByLabel('Name').fill(MARKUP)
    await dialog(page).getByLabel('Password').fill('short')
    expect(await dialog(page).getByRole('button', { name: 'Create a person' }).isDisabled()).toBe(
      true,
    )
    await dialog(page).getByLabel('Password').fill('long enough')
    await answer(page, 'Create a person')
    await keep(page, 'long enough')
    await soon(() => page.locator('h1').innerText()).toBe(MARKUP)
    expect(await page.locator('main img, main b').count()).toBe(0)
    await soon(() => bar(page)).toContain('can sign in now')
    await press(page, 'Undo')
    await soon(() => page.url()).toMatch(/\/people$/)
    expect(await maySignIn(MARKUP, 'long enough')).toBe(false)
    await press(page, 'Create a person')
    await dialog(page).getByLabel('Name').fill('quick')
    const given = await dialog(page).getByLabel('Password').inputValue()
    await answer(page, 'Create a person')
    await keep(page, given)
    await soon(() => bar(page)).toBe('quick can sign in now.')
    // What they have made by then would go with them.
    expect(await maySignIn('quick', given)).toBe(true)
    await press(page, 'Undo')
    await soon(() => bar(page)).toContain('quick has signed in meanwhile')
    expect(await maySignIn('quick', given)).toBe(true)
    await page.getByRole('link', { name: 'All people' }).click()
    await press(page, 'Create a person')
    await dialog(page).getByLabel('Name').fill('vera')
    await answer(page, 'Create a person')
    await soon(() => dialog(page).getByRole('alert').innerText()).toContain('is unavailable')
    expect(complaints).toEqual([])
  },
)

inChromium('whoever signed up waits, is let in or turned down, and then nobody waits', async () => {
  for (const name of ['newcomer', 'spammer']) await signUp(name)
  const { page } = await openPerson(world)
  await asRoot(page, '/people')
  await soon(() => page.getByLabel('Show').innerText()).toContain('Waiting for approval (2)')
  await page.getByLabel('Show').selectOption({ label: 'Waiting for approval (2)' })
  await soon(() => rows(page).count()).toBe(2)
  await screenshot(page, 'console-people-waiting')
  await press(page, 'Approve newcomer')
  await soon(() => bar(page)).toBe('newcomer can sign in now.')
  await soon(() => rows(page).count()).toBe(1)
  expect(await maySignIn('newcomer')).toBe(true)
  await press(page, 'Undo')
  await soon(() => bar(page)).toBe('newcomer is not active; find them under Everybody.')
  expect(await maySignIn('newcomer')).toBe(false)
  await press(page, 'Turn down spammer')
  await dialog(page).waitFor()
  await page.keyboard.press('Escape')
  await press(page, 'Turn down spammer')
  await answer(page, 'Turn down')
  await page.getByRole('heading', { name: 'Nobody is waiting' }).waitFor()
  const { body } = await world.root.get('/api/v1/users/?q=spammer')
  expect(body.total_count).toBe(0)
  await press(page, 'Show everybody')
  await soon(() => rows(page).count()).toBeGreaterThan(5)
})

inChromium(
  'a list that has grown shorter than its page shows its last, and says nothing false',
  async () => {
    await signUp('late')
    const { page } = await openPerson(world)
    await asRoot(page, '/people?waiting=1&page=3')
    await soon(() => rows(page).allInnerTexts()).toMatchObject([/late/])
    expect(page.url()).toContain('page=1')
    await press(page, 'Approve late')
    await page.getByRole('heading', { name: 'Nobody is waiting' }).waitFor()
    await page.goto(`/console/people/${vera.userId}?page=3`)
    await soon(() => part(page, 'grants').locator('tbody tr').count()).toBe(4)
    expect(page.url()).toContain('page=1')
  },
)

inChromium(
  'before somebody is deactivated it is said what they own, hold and gave, and there is a way back',
  async () => {
    const hers = (await vera.get('/api/v1/flows/?paged=all&search=hers')).body.items[0].id
    const share = { user_id: world.bob.userId, role: 'Viewer' }
    await expectStatus(201, vera.post(`/api/v1/flows/${hers}/shares`, share))
    const { page } = await openPerson(world)
    await asRoot(page, `/people/${vera.userId}`)
    await page.getByRole('button', { name: 'Holds (4)' }).waitFor()
    const grants = part(page, 'grants')
    await soon(() => grants.innerText()).toMatch(/Invoices Flow\s+Viewer\s+Team Support/)
    expect(await grants.innerText()).toMatch(/Plans Project\s+Viewer\s+Own grant\s+Without end/)
    await screenshot(page, 'console-person')
    await press(page, 'Owns (2)')
    await soon(() => grants.innerText()).not.toContain('Invoices')
    await press(page, 'Gave to others (1)')
    await soon(() => grants.innerText()).toMatch(/Hers Flow\s+Viewer\s+bob/)
    expect(page.url()).toContain('list=gave')
    await press(page, 'Deactivate')
    const said = await dialog(page).innerText()
    expect(said).toContain(
      'vera owns 2 flows and projects, holds 4 grants in all, and gave 1 grant to others.',
    )
    expect(said).toMatch(/Owned: .*Hers/)
    await screenshot(page, 'console-person-deactivate')
    await answer(page, 'Deactivate')
    await soon(() => bar(page)).toBe('vera is not active any more.')
    expect(await maySignIn('vera')).toBe(false)
    await page.getByRole('heading', { name: 'No flow at all' }).waitFor()
    await soon(() => part(page, 'sees').innerText()).toContain('The account is not active')
    await press(page, 'Undo')
    await page.getByRole('button', { name: 'Deactivate' }).waitFor()
    expect(await maySignIn('vera')).toBe(true)
    await page.goBack()
    await soon(() => grants.innerText()).toContain('Starter Project')
  },
)

inChromium('all that somebody may see stands there, and why, once it is asked', async () => {
  const { page } = await openPerson(world)
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.endsWith('/explain')) asked.push(pathname)
  })
  await asRoot(page, `/people/${vera.userId}`)
  const sees = part(page, 'sees')
  await soon(() => sees.locator('.total').innerText()).toBe('63 flows')
  await sees.getByRole('button', { name: 'Next page' }).click()
  await soon(() => page.url()).toContain('cursor=')
  await page.getByRole('searchbox', { name: 'Search' }).fill('invoices')
  await soon(() => sees.locator('.total').innerText()).toBe('1 flow')
  expect(page.url()).not.toContain('cursor=')
  await page.reload()
  await soon(() => sees.locator('tbody tr').innerText()).toMatch(
    /Invoices\s+ann\s+Read\s+this flow/,
  )
  expect(asked).toEqual([])
  await press(page, 'Why may they see Invoices')
  await soon(() => sees.innerText()).toContain('Yes: vera may read it.')
  const said = await sees.innerText()
  expect(said).toContain('Viewer, this flow, by team Support: decides, allows it')
  expect(said).toContain('Viewer, the project: overruled by a closer one')
  expect(asked).toHaveLength(1)
  await screenshot(page, 'console-person-why')
  // What has become of them is explained, not what they were.
  await press(page, 'Make superuser')
  await answer(page, 'Make superuser')
  await soon(() => asked.length).toBeGreaterThan(1)
  await press(page, 'Undo')
  await page.getByRole('button', { name: 'Make superuser' }).waitFor()
  await press(page, 'Why may they see Invoices')
  expect(await sees.innerText()).not.toContain('Yes: vera')
  await sees.getByRole('link', { name: 'ann' }).focus()
  await page.keyboard.press('Enter')
  await soon(() => page.locator('h1').innerText()).toBe('ann')
  await soon(() => page.evaluate('document.activeElement.id')).toBe('main')
  await page.goBack()
  await soon(() => page.locator('h1').innerText()).toBe('vera')
  await sees.getByRole('link', { name: 'Invoices' }).click()
  await page.getByRole('heading', { name: 'Who has access' }).waitFor()
})

inChromium('a superuser ends sessions, revokes keys, and hands over a new password', async () => {
  const ida = await createUser(world.gate, world.root, 'ida')
  for (const name of ['first', 'second'])
    await expectStatus(200, ida.post('/api/v1/api_key/', { name }))
  await login(world.gate, 'ida', 'ida-password')
  const count = async (what: string) =>
    (await world.root.get(`/api/v1/${what}?user_id=${ida.userId}`)).body.total_count
  const { page } = await openPerson(world)
  await asRoot(page, `/people/${ida.userId}`)
  const [sessions, keys] = [part(page, 'sessions'), part(page, 'keys')]
  await soon(() => sessions.locator('li').count()).toBe(2)
  await sessions.getByRole('button', { name: 'End the session' }).first().click()
  await answer(page, 'End')
  await soon(() => sessions.locator('li').count()).toBe(1)
  await press(page, 'Revoke the key first')
  await answer(page, 'Revoke')
  await soon(() => bar(page)).toBe('The key first is revoked.')
  expect([await count('sessions'), await count('api_key/')]).toEqual([1, 1])
  await press(page, 'End all')
  await dialog(page).getByLabel('Delete all API keys').check()
  await answer(page, 'End all')
  await soon(() => sessions.innerText()).toContain('Signed in nowhere.')
  await soon(() => keys.innerText()).toContain('None.')
  expect([await count('sessions'), await count('api_key/')]).toEqual([0, 0])
  await login(world.gate, 'ida', 'ida-password')
  await press(page, 'New password')
  const given = await dialog(page).getByLabel('Password').inputValue()
  expect(given).toMatch(/^[0-9a-f-]{18}$/)
  await answer(page, 'New password')
  await keep(page, given)
  await soon(() => bar(page)).toBe('ida has a new password, and all sessions have ended.')
  expect(await count('sessions')).toBe(0)
  expect(await maySignIn('ida')).toBe(false)
  expect(await maySignIn('ida', given)).toBe(true)
  await press(page, 'Delete')
  await answer(page, 'Delete')
  await soon(() => bar(page)).toBe('ida is deleted.')
  expect(page.url()).toMatch(/\/people$/)
})

inChromium(
  'everybody is offered what they may do: nobody removes themselves, a Global Admin only looks, others are told',
  async () => {
    const accountOf = (page: Page) => page.locator('.acts button').allInnerTexts()
    const superuser = await openPerson(world)
    await asRoot(superuser.page, `/people/${world.root.userId}`)
    await soon(() => superuser.page.locator('main').innerText()).toContain('This is you.')
    await part(superuser.page, 'sessions').getByText('This one').waitFor()
    expect(await accountOf(superuser.page)).toEqual([])
    await superuser.page.goto(`/console/people/${gina.userId}`)
    await soon(() => accountOf(superuser.page)).toEqual([
      'Deactivate',
      'New password',
      'Make superuser',
      'Delete',
    ])
    const admin = await openPerson(world)
    await enter(admin.page, 'gina', 'gina-password', '/people')
    await admin.page.getByRole('heading', { name: 'Look for somebody' }).waitFor()
    expect(await admin.page.getByRole('button', { name: 'Create a person' }).count()).toBe(0)
    await admin.page.getByRole('searchbox', { name: 'Name' }).fill('ver')
    await admin.page.getByRole('link', { name: 'vera' }).click()
    await admin.page.getByRole('button', { name: /Holds/ }).waitFor()
    await soon(() => part(admin.page, 'sees').locator('.total').innerText()).toBe('63 flows')
    expect(await accountOf(admin.page)).toEqual([])
    expect(await part(admin.page, 'sessions').count()).toBe(0)
    await admin.page.reload()
    await soon(() => admin.page.locator('h1').innerText()).toBe('vera')
    const owner = await openPerson(world)
    await enter(owner.page, 'ann', 'ann-password', '/people')
    await owner.page.getByRole('heading', { name: 'Only admins look after people' }).waitFor()
    expect(await owner.page.locator('.top').innerText()).not.toContain('People')
    await owner.page.goto(`/console/people/${vera.userId}`)
    await owner.page.getByRole('heading', { name: 'Only admins look after people' }).waitFor()
    await owner.page.goto(`/console/people/${world.ann.userId}`)
    await soon(() => owner.page.locator('h1').innerText()).toBe('ann')
    await soon(() => part(owner.page, 'sees').innerText()).toContain('Report')
  },
)

inChromium('what fails or is refused is said in words, where it was asked for', async () => {
  const gone = await createUser(world.gate, world.root, 'gone')
  const { page } = await openPerson(world)
  await asRoot(page, `/people/${gone.userId}`)
  await page.getByRole('button', { name: 'Deactivate' }).click()
  await expectStatus(200, world.root.delete(`/api/v1/users/${gone.userId}`))
  await answer(page, 'Deactivate')
  await soon(() => dialog(page).getByRole('alert').innerText()).toMatch(
    /User not found\s+Request [0-9a-f-]{36}/,
  )
  await page.keyboard.press('Escape')
  await page.reload()
  await page.getByRole('heading', { name: 'There is no such person' }).waitFor()
  await page.getByRole('link', { name: 'All people' }).click()
  await rows(page).first().waitFor()
  const failed = { status: 500, json: { code: 'internal', detail: '', request_id: 'of a test' } }
  await page.route('**/whoami', (route) => route.fulfill(failed))
  await page.reload()
  await soon(() => page.getByRole('alert').innerText()).toContain('Request of a test')
  await page.unroute('**/whoami')
  await press(page, 'Try again')
  await rows(page).first().waitFor()
  world.gate.proxy.decide(() => 'lost')
  await page.getByRole('searchbox', { name: 'Name' }).fill('vera')
  const said = page.getByRole('alert').first()
  await soon(() => said.innerText()).toMatch(/database.*\s+Request [0-9a-f-]{36}/)
  world.gate.proxy.decide(() => 'forward')
  await said.getByRole('button', { name: 'Try again' }).click()
  await soon(() => rows(page).count()).toBe(1)
  expect(await page.getByRole('alert').count()).toBe(0)
})

inChromium('on a phone and by night all of it is named, fits and can be read', async () => {
  await signUp('waits')
  const { page } = await openPerson(world, { width: 320, height: 800 })
  await asRoot(page, '/people?waiting=1')
  const sound = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect([await overflowOf(page), ...(await faultsOf(page))]).toEqual([0])
      await screenshot(page, `console-${name}-320-${colorScheme}`)
    }
  }
  await rows(page).first().waitFor()
  await sound('people')
  await press(page, 'Create a person')
  await sound('people-create')
  await page.goto(`/console/people/${vera.userId}`)
  await page.getByRole('button', { name: 'Holds (4)' }).waitFor()
  await rows(page).first().waitFor()
  await page.getByRole('button', { name: 'Why may they' }).first().click()
  await soon(() => part(page, 'sees').innerText()).toContain('Yes: vera')
  await sound('person')
  await press(page, 'Delete')
  await sound('person-delete')
})
