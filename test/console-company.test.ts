// Signing in with a company in a real browser: the button, the provider's own login page, and back to where one was;
// what is said where that fails; which accounts are whose; teams that a directory fills.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest'
import { faultsOf } from './support/accessible.ts'
import {
  enter,
  executablePath,
  launchChromium,
  overflowOf,
  type Person,
  personIn,
  screenshot,
  settled,
} from './support/chromium.ts'
import { companyWorld, newcomer, personOf } from './support/company.ts'
import { bar, inChromium, soon } from './support/console-world.ts'
import { SUPERUSER, SUPERUSER_PASSWORD, startFlowgate } from './support/flowgate.ts'
import { createUser, expectStatus } from './support/world.ts'

const world = companyWorld({ files: true })
let browser: Browser
beforeAll(async () => {
  if (executablePath) browser = await launchChromium()
}, 60_000)
afterAll(() => browser?.close())

async function open(viewport?: { width: number; height: number }): Promise<Person> {
  const person = await personIn(browser, world.gate, viewport)
  // The provider's page would like a font of somebody else.
  await person.context.route(/^https:/, (route) => route.abort())
  return person
}

const way = (page: Page, name = 'Okta') =>
  page.getByRole('link', { name: `Sign in with ${name}`, exact: true })

/** On the provider's own page. */
async function loginThere(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
}

const isIn = (page: Page) => page.getByRole('button', { name: 'Sign out' }).waitFor()
const said = (page: Page) => page.getByRole('alert').innerText()
const company = (page: Page) => page.getByRole('region', { name: 'Company sign-in' })

describe('the sign-in page', () => {
  inChromium(
    'leads by its button to the provider, and from there to where one was going',
    async () => {
      const login = newcomer(world.okta)
      const { page, complaints } = await open()
      await page.goto('/console/teams?search=a+b')
      await way(page).click()
      await page.waitForURL((url) => url.origin === world.okta.issuer)
      await loginThere(page, login)
      await isIn(page)
      expect(page.url()).toBe(`${world.gate.url}/console/teams?search=a+b`)
      await page.getByRole('link', { name: `Your account: ${login}` }).waitFor()
      await page.reload()
      await isIn(page)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await way(page, 'Entra ID').waitFor()
      // Chromium itself speaks of what the provider's page wanted.
      expect(complaints.filter((text) => !/font|style/i.test(text))).toEqual([])
    },
  )

  inChromium('takes a name and a password beside it, by keyboard too', async () => {
    const { page } = await open()
    await page.goto('/console/')
    await way(page, 'strict').waitFor()
    await page.getByLabel('Name').fill(SUPERUSER)
    await page.getByLabel('Password').fill(SUPERUSER_PASSWORD)
    await page.keyboard.press('Enter')
    await isIn(page)
  })

  inChromium(
    'says in words why somebody was not let in, once, with the ways in below',
    async () => {
      const { page } = await open()
      await page.goto('/console/')
      await way(page).click()
      await page.getByRole('link', { name: 'Cancel' }).click()
      await soon(() => said(page)).toMatch(/This account is not let in.*or ask an admin/s)
      expect(page.url()).toBe(`${world.gate.url}/console/`)
      await way(page).waitFor()
      const outsider = newcomer(world.strict, { email: 'somebody@elsewhere.test' })
      await way(page, 'strict').click()
      await loginThere(page, outsider)
      await soon(() => said(page)).toMatch(/This account is not let in/)
      expect(await faultsOf(page)).toEqual([])
      await page.reload()
      await way(page).waitFor()
      expect(await page.getByRole('alert').count()).toBe(0)
      for (const [code, words] of [
        ['sign_in_stale', /too long.*Start it again/s],
        ['sign_in_invalid', /could not be accepted/],
        ['provider_unavailable', /does not answer/],
        ['<img src=x onerror=alert(1)>', /did not succeed/],
        ['constructor', /did not succeed/],
      ] as const) {
        await page.goto(`/console/?refused=${encodeURIComponent(code)}`)
        await soon(() => said(page)).toMatch(words)
        expect(page.url()).toBe(`${world.gate.url}/console/`)
      }
    },
  )

  inChromium('says that the provider does not answer, and lets in by password', async () => {
    await world.gate.restart()
    await world.entra.down()
    const { page } = await open()
    await page.goto('/console/')
    await way(page, 'Entra ID').click()
    await soon(() => said(page)).toMatch(/does not answer/)
    await page.getByLabel('Name').fill(SUPERUSER)
    await page.getByLabel('Password').fill(SUPERUSER_PASSWORD)
    await page.keyboard.press('Enter')
    await isIn(page)
    // What was read is not said again.
    expect(await page.locator('.notice').count()).toBe(0)
    // It is asked again after a minute, or by another isolate.
    await world.entra.up()
    await world.gate.restart()
  })

  inChromium('tells somebody who is signed in already in the bar, and stays', async () => {
    const { page } = await open()
    await enter(page, SUPERUSER, SUPERUSER_PASSWORD)
    await page.goto('/console/?refused=conflict')
    await soon(() => bar(page)).toMatch(/belongs to somebody here already/)
    expect(page.url()).toBe(`${world.gate.url}/console/flows`)
  })

  inChromium(
    'has no fault by day, by night and on a phone, with passwords or without',
    async () => {
      const bindings = {
        PASSWORD_LOGIN: 'off',
        OIDC_PROVIDERS: JSON.stringify([
          world.okta.settings({
            name: 'A company with a very long name of many words and of sixty',
          }),
          world.entra.settings({ name: 'x'.repeat(60) }),
        ]),
      }
      const gate = await startFlowgate({ files: true, bindings })
      onTestFinished(() => gate.stop())
      for (const [name, one] of [
        ['both', world.gate],
        ['off', gate],
      ] as const) {
        const { page } = await personIn(browser, one)
        await page.goto('/console/?refused=sign_in_refused')
        await page.getByRole('alert').waitFor()
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width: 1280, height: 900 })
          await page.emulateMedia({ colorScheme })
          expect(await faultsOf(page)).toEqual([])
          await screenshot(page, `console-company-${name}-${colorScheme}`)
          await page.setViewportSize({ width: 320, height: 800 })
          expect(await overflowOf(page)).toBe(0)
        }
        if (one === world.gate) continue
        // Hidden, but there for superusers.
        expect(await page.getByLabel('Password').isVisible()).toBe(false)
        await page.getByText('Sign in with a password', { exact: true }).focus()
        await page.keyboard.press('Enter')
        await page.getByText('Here only superusers sign in with a password.').waitFor()
        expect(await faultsOf(page)).toEqual([])
        expect(await overflowOf(page)).toBe(0)
        await page.getByLabel('Name').fill(SUPERUSER)
        await page.getByLabel('Password').fill(SUPERUSER_PASSWORD)
        await page.keyboard.press('Enter')
        await isIn(page)
      }
    },
  )
})

inChromium(
  'a session that ends in the middle of work begins again in another tab, and nothing is lost',
  async () => {
    const { gate, okta } = world
    const login = newcomer(okta)
    const { page, context } = await open()
    await page.goto('/console/me')
    await way(page).click()
    await loginThere(page, login)
    await isIn(page)
    await page.getByLabel('Name of the key').fill('Typed before')
    await settled(page)
    await gate.db.execute({
      sql: 'DELETE FROM flowgate_session WHERE user_id IN (SELECT id FROM user WHERE username = ?)',
      args: [login],
    })
    await page.getByRole('button', { name: 'Make the key' }).click()
    await page.getByRole('heading', { name: 'Please sign in again' }).waitFor()
    await page.getByText('opens in another tab').waitFor()
    expect(await faultsOf(page)).toEqual([])
    const [other] = await Promise.all([context.waitForEvent('page'), way(page).click()])
    // The provider knows its browser still; where it does not, it asks.
    await other.getByRole('heading', { name: 'You are signed in again' }).waitFor()
    expect(await faultsOf(other)).toEqual([])
    await page.getByRole('heading', { name: 'Your new API key “Typed before”' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/console/me')
  },
)

describe('on the page Me', () => {
  inChromium(
    'an account is connected at its provider, signs one in, and is let go after a question',
    async () => {
      const { gate, root, okta } = world
      await createUser(gate, root, 'ada')
      const login = newcomer(okta)
      const { page } = await open()
      await enter(page, 'ada', 'ada-password', '/me')
      await company(page).getByText('You sign in with a password alone.').waitFor()
      await company(page).getByRole('button', { name: 'Connect Okta' }).click()
      await loginThere(page, login)
      await company(page).getByText(`As ${login}`).waitFor()
      expect(new URL(page.url()).pathname).toBe('/console/me')
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await faultsOf(page)).toEqual([])
      }
      await page.getByRole('button', { name: 'Sign out' }).click()
      await way(page).click()
      await page.getByRole('link', { name: 'Your account: ada' }).waitFor()
      await settled(page)
      await company(page)
        .getByRole('button', { name: `Remove Okta: ${login}` })
        .click()
      await page.getByRole('dialog').getByText('Make sure that you have another way in').waitFor()
      expect(await faultsOf(page)).toEqual([])
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await soon(() => bar(page)).toBe('The account at Okta no longer signs you in.')
      await company(page).getByText('You sign in with a password alone.').waitFor()
    },
  )

  inChromium(
    'the last way in stays, and another’s account is not taken: both are said',
    async () => {
      const { okta, entra } = world
      const [mine, theirs] = [newcomer(okta), newcomer(entra)]
      await personOf(world, entra, theirs)
      const { page } = await open({ width: 320, height: 800 })
      await page.goto('/console/me')
      await way(page).click()
      await loginThere(page, mine)
      await company(page)
        .getByRole('button', { name: `Remove Okta: ${mine}` })
        .click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await soon(() => page.getByRole('dialog').getByRole('alert').innerText()).toMatch(
        /only way to sign in/,
      )
      await page.keyboard.press('Escape')
      expect(await overflowOf(page)).toBe(0)
      await company(page).getByRole('button', { name: 'Connect Entra ID' }).click()
      await loginThere(page, theirs)
      await soon(() => bar(page)).toMatch(/belongs to somebody here already/)
    },
  )

  inChromium('a session that is too old is told to sign in again', async () => {
    const { gate, root } = world
    const { userId } = await createUser(gate, root, 'olga')
    const { page } = await open()
    await enter(page, 'olga', 'olga-password', '/me')
    await gate.db.execute({
      sql: "UPDATE flowgate_session SET created_at = datetime('now', '-16 minutes') WHERE user_id = ?",
      args: [userId.replaceAll('-', '')],
    })
    await company(page).getByRole('button', { name: 'Connect Okta' }).click()
    await soon(() => company(page).getByRole('alert').innerText()).toMatch(
      /15 minutes.*sign in again/s,
    )
  })
})

describe('a superuser', () => {
  inChromium('connects somebody with an account, and takes it from them', async () => {
    const { gate, root, okta } = world
    const { userId } = await createUser(gate, root, 'bea')
    const subject = newcomer(okta)
    const { page } = await open()
    await enter(page, SUPERUSER, SUPERUSER_PASSWORD, `/people/${userId}`)
    await company(page).getByText('None.').waitFor()
    await company(page).getByLabel('Provider').selectOption({ label: 'Okta' })
    await company(page).getByLabel('Subject').fill(subject)
    await company(page).getByRole('button', { name: 'Connect an account' }).click()
    await soon(() => bar(page)).toBe('bea can sign in with this account.')
    expect((await personOf(world, okta, subject)).api.userId).toBe(userId)
    await page.setViewportSize({ width: 320, height: 800 })
    expect(await overflowOf(page)).toBe(0)
    expect(await faultsOf(page)).toEqual([])
    await company(page)
      .getByRole('button', { name: `Remove Okta: ${subject}` })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await soon(() => bar(page)).toBe('bea no longer signs in with Okta.')
    await company(page).getByText('None.').waitFor()
    await page.goto('/console/audit')
    await page.getByText(`connected bea with the account ${subject}`).first().waitFor()
  })

  inChromium('ties a team to a group, whose members are the directory’s', async () => {
    const { okta, root } = world
    const id = (await expectStatus(201, root.post('/api/v1/teams/', { name: 'Engineers' }))).body.id
    const { page } = await open()
    await enter(page, SUPERUSER, SUPERUSER_PASSWORD, `/teams/${id}`)
    await page.getByRole('heading', { name: 'Put somebody in' }).waitFor()
    await page.getByRole('button', { name: 'Rename Engineers' }).click()
    await page.getByLabel('Group of the directory (optional)').fill('okta:engineers')
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('This team is the group okta:engineers of a directory').waitFor()
    const { name } = await personOf(world, okta, newcomer(okta, { groups: ['engineers'] }))
    await page.reload()
    await page.getByRole('link', { name, exact: true }).waitFor()
    expect(await page.getByRole('heading', { name: 'Put somebody in' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: `Remove ${name}` }).count()).toBe(0)
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Rename Engineers' }).click()
    await page.getByLabel('Group of the directory (optional)').fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: `Remove ${name}` }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('This team is the group okta:engineers of a directory').waitFor()
  })
})
