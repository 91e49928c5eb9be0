// One's own account in the console: sessions, API keys, the password.
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { faultsOf } from './support/accessible.ts'
import { enter, overflowOf, screenshot } from './support/chromium.ts'
import { bar, consoleWorld, inChromium, MARKUP, openPerson, soon } from './support/console-world.ts'
import { SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import { call, createUser, grant, login, signIn } from './support/world.ts'

const world = consoleWorld()
const sessionsIn = (page: Page) => page.locator('section[aria-labelledby="sessions"]')
const keysIn = (page: Page) => page.locator('section[aria-labelledby="keys"]')
const enterMe = (page: Page, name: string) => enter(page, name, `${name}-password`, '/me')

/** Whether what is sent with this header is let in. */
const opens = async (headers: Record<string, string>) =>
  (await call(world.gate, 'GET', '/api/v1/users/whoami', undefined, headers)).status === 200
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Makes a key by the form; gives it in full, its dialog still open. */
async function make(page: Page, name: string, may?: string): Promise<string> {
  await page.getByLabel('Name of the key').fill(name)
  if (may) await page.getByLabel('It may').selectOption({ label: may })
  await page.getByRole('button', { name: 'Make the key' }).click()
  return page.getByRole('dialog').getByLabel('API key').inputValue()
}

inChromium(
  'sessions say which device and which one this is, and end after a question, one or all others',
  async () => {
    await createUser(world.gate, world.root, 'sam')
    const form = {
      method: 'POST',
      body: new URLSearchParams({ username: 'sam', password: 'sam-password' }),
    }
    const strange = await world.gate.fetch('/api/v1/login', {
      ...form,
      headers: { 'user-agent': MARKUP },
    })
    const { access_token } = (await strange.json()) as { access_token: string } // as the API gives it
    const { page, complaints } = await openPerson(world)
    await enter(page, 'sam', 'sam-password')
    await page.getByRole('link', { name: 'Your account: sam' }).click()
    expect(new URL(page.url()).pathname).toBe('/console/me')
    const list = sessionsIn(page)
    await soon(() => list.locator('tbody tr').count()).toBe(3)
    await soon(() => list.innerText()).toMatch(/Chrome on Linux\s*This one/)
    expect(await list.innerText()).toContain(MARKUP)
    expect(await list.locator('tbody img, tbody b').count()).toBe(0)
    // The one that asks is ended by signing out.
    expect(await list.getByRole('button', { name: 'End the session' }).count()).toBe(2)
    await list.getByRole('button', { name: `End the session of ${MARKUP}` }).click()
    await page.getByRole('heading', { name: 'End this session?' }).waitFor()
    await page.keyboard.press('Escape')
    await soon(() => page.getByRole('dialog').count()).toBe(0)
    expect(await opens(bearer(access_token))).toBe(true)
    await list.getByRole('button', { name: `End the session of ${MARKUP}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click()
    await soon(() => bar(page)).toBe('1 session ended.')
    expect(await opens(bearer(access_token))).toBe(false)
    const others = await Promise.all([1, 2].map(() => signIn(world.gate, 'sam', 'sam-password')))
    await page.reload()
    await list.getByRole('button', { name: 'End all others' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click()
    await soon(() => bar(page)).toBe('3 sessions ended.')
    await list.getByText('Nowhere but here.').waitFor()
    expect(await list.getByRole('button').count()).toBe(0)
    for (const { token } of others) expect(await opens(bearer(token))).toBe(false)
    expect(complaints).toEqual([])
  },
)

inChromium(
  'a key is shown once, copied by keyboard, lost by nothing but its button, and revoked after a question',
  async () => {
    const { page, context, complaints } = await openPerson(world)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await enterMe(page, 'nils')
    await page.getByRole('heading', { name: 'You have no API key' }).waitFor()
    const key = await make(page, MARKUP)
    expect(await opens({ 'x-api-key': key })).toBe(true)
    const dialog = page.getByRole('dialog')
    await page.keyboard.press('Enter') // the focus is on Copy
    await soon(() => dialog.getByRole('status').innerText()).toBe('Copied.')
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key)
    expect(await faultsOf(page)).toEqual([])
    for (let n = 0; n < 3; n++) await page.keyboard.press('Escape')
    expect(await dialog.isVisible()).toBe(true)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await soon(() => dialog.count()).toBe(0)
    await soon(() => keysIn(page).locator('.words').allInnerTexts()).toEqual([MARKUP])
    expect(await page.content()).not.toContain(key)
    await page.reload()
    await keysIn(page).getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('heading', { name: `Revoke “${MARKUP}”?` }).waitFor()
    expect(await page.content()).not.toContain(key)
    await page.keyboard.press('Escape')
    await soon(() => page.getByRole('dialog').count()).toBe(0)
    expect(await opens({ 'x-api-key': key })).toBe(true)
    await keysIn(page).getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await soon(() => bar(page)).toBe(`“${MARKUP}” opens nothing any more.`)
    expect(await opens({ 'x-api-key': key })).toBe(false)
    await page.getByRole('heading', { name: 'You have no API key' }).waitFor()
    expect(complaints).toEqual([])
  },
)

inChromium('where the browser lends no clipboard, that is said and the key selected', async () => {
  const { page } = await openPerson(world)
  await enterMe(page, 'bob')
  await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
  const key = await make(page, 'By hand')
  await page.getByRole('button', { name: 'Copy' }).click()
  await soon(() => page.getByRole('dialog').innerText()).toContain('copy it by keyboard')
  expect(await page.evaluate('String(getSelection())')).toBe(key)
})

inChromium(
  'a key does what was chosen until its day, and only admins are offered those that ask about others',
  async () => {
    const kinds = ['Everything that you may', 'Only read']
    const gus = await createUser(world.gate, world.root, 'gus')
    await grant(world.root, gus, 'Admin', 'Global')
    for (const [name, offered] of [
      ['ann', kinds],
      ['gus', [...kinds, 'Only ask what anybody may do']],
    ] as const) {
      const { page } = await openPerson(world)
      await enterMe(page, name)
      await soon(() => page.getByLabel('It may').locator('option').allInnerTexts()).toEqual(offered)
      if (name !== 'ann') continue
      await page.getByLabel('Until (optional)').fill('2031-01-02')
      const key = await make(page, 'Reader', 'Only read')
      const made = await call(
        world.gate,
        'POST',
        '/api/v1/projects/',
        { name: 'No' },
        { 'x-api-key': key },
      )
      expect(made.status).toBe(403)
      expect(await opens({ 'x-api-key': key })).toBe(true)
      await page.reload()
      await soon(() => keysIn(page).innerText()).toMatch(
        /Reader[\s\S]*Only read[\s\S]*once[\s\S]*Jan 2, 2031/,
      )
    }
    const { page } = await openPerson(world)
    await enter(page, SUPERUSER, SUPERUSER_PASSWORD, '/me')
    await soon(() => page.locator('.what').innerText()).toContain('a superuser')
  },
)

inChromium(
  'a new password takes the old one, ends all other sessions, and stays signed in here',
  async () => {
    const eve = await createUser(world.gate, world.root, 'eve')
    const { body: key } = await eve.post('/api/v1/api_key/', { name: 'Old' })
    const { page, context } = await openPerson(world)
    await enterMe(page, 'eve')
    const other = await context.newPage()
    await other.goto('/console/me')
    await sessionsIn(other).waitFor()
    const type = async (current: string, next: string, repeated: string) => {
      await page.getByLabel('Current password').fill(current)
      await page.getByLabel('New password', { exact: true }).fill(next)
      await page.getByLabel('New password again').fill(repeated)
    }
    const form = page.getByRole('form', { name: 'Change the password' })
    const change = form.getByRole('button', { name: 'Change' })
    await type('eve-password', 'another-password', 'another-passw0rd')
    await form.getByText('The two new passwords differ.').waitFor()
    expect(await change.isDisabled()).toBe(true)
    await type('not-the-password', 'another-password', 'another-password')
    await change.click()
    await soon(() => form.getByRole('alert').innerText()).toMatch(
      /The current password is another one\s+Request [0-9a-f-]{36}/,
    )
    await type('eve-password', 'another-password', 'another-password')
    await form.getByLabel('Revoke all my API keys too').check()
    await change.click()
    await soon(() => bar(page)).toBe(
      'The password is changed. All other sessions and all API keys have ended.',
    )
    await sessionsIn(page).getByText('Nowhere but here.').waitFor()
    await page.getByRole('heading', { name: 'You have no API key' }).waitFor()
    expect(await page.getByLabel('Current password').inputValue()).toBe('')
    expect(await opens(bearer(eve.token))).toBe(false)
    expect(await opens({ 'x-api-key': key.api_key })).toBe(false)
    expect((await login(world.gate, 'eve', 'eve-password')).status).toBe(401)
    // The other tab shares the cookie of the new session and goes on.
    await other.getByRole('link', { name: 'Flows' }).click()
    await other.getByRole('heading', { name: 'You cannot see any flow yet' }).waitFor()
  },
)

inChromium('what fails is said with the number of the request, and is not lost', async () => {
  const { page } = await openPerson(world)
  await enterMe(page, 'ann')
  await page.getByLabel('Name of the key').fill('Kept in the form')
  onTestFinished(() => world.gate.proxy.decide(() => 'forward'))
  world.gate.proxy.decide(() => 'lost')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const said = page.getByRole('form', { name: 'New API key' }).getByRole('alert')
  await soon(() => said.innerText()).toMatch(/database.*\s+Request [0-9a-f-]{36}/)
  world.gate.proxy.decide(() => 'forward')
  expect(await page.getByLabel('Name of the key').inputValue()).toBe('Kept in the form')
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await soon(() => keysIn(page).innerText()).toContain('Kept in the form')
})

inChromium('a phone needs no scrolling sideways, and all of it can be read', async () => {
  const name = 'z'.repeat(100)
  const zed = await createUser(world.gate, world.root, name)
  await zed.post('/api/v1/api_key/', { name: 'y'.repeat(255) })
  const { page } = await openPerson(world, { width: 320, height: 800 })
  await enterMe(page, name)
  await keysIn(page).getByText('y'.repeat(255)).waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await overflowOf(page)).toBe(0)
    expect(await faultsOf(page)).toEqual([])
    await screenshot(page, `console-me-320-${colorScheme}`)
  }
})

inChromium('a key may end today, as the clock on the wall says it', async () => {
  // At any hour it is another day than in Greenwich in one of them.
  for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    const { page, context } = await openPerson(world)
    const devtools = await context.newCDPSession(page)
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId: timeZone })
    await enterMe(page, 'bob')
    const until = page.getByLabel('Until (optional)')
    expect(await until.getAttribute('min')).toBe(new Date().toLocaleDateString('sv', { timeZone }))
  }
})
