// Every page of the console as each kind of person meets it, whether they may see it or not: it says what it is or why
// not, fails at nothing, and has no fault that axe-core knows of, by day, by night and on a phone.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { beforeAll, expect } from 'vitest'
import { faultsOf } from './support/accessible.ts'
import { enter, overflowOf, settled } from './support/chromium.ts'
import { consoleWorld, inChromium, openPerson, rows, soon } from './support/console-world.ts'
import { SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import type { Fate } from './support/proxy.ts'
import { createUser, expectStatus, grant } from './support/world.ts'

const world = consoleWorld()
const NOBODY = '00000000-0000-4000-8000-000000000000'
let addresses: string[] = ['/flows', '/nowhere']

beforeAll(async () => {
  if (!world.gate) return
  const { gate, root, ann, bob, plans } = world
  await grant(root, await createUser(gate, root, 'gina'), 'Admin', 'Global')
  const team = (await expectStatus(201, root.post('/api/v1/teams/', { name: 'Support' }))).body.id
  await expectStatus(201, root.post(`/api/v1/teams/${team}/members`, { user_id: bob.userId }))
  const { items } = (await ann.get('/api/v1/flows/?paged=all&size=1&search=invoices')).body
  addresses = [
    '/flows',
    `/access/flow/${items[0].id}`,
    `/access/project/${plans}`,
    `/access/flow/${NOBODY}`,
    '/people',
    `/people/${bob.userId}`,
    `/people/${NOBODY}`,
    '/teams',
    `/teams/${team}`,
    `/teams/${NOBODY}`,
    '/roles',
    '/audit',
    '/state',
    '/me',
    '/back',
    '/nowhere',
  ]
}, 60_000)

const everybody = [
  ['superuser', SUPERUSER, SUPERUSER_PASSWORD],
  ['Global Admin', 'gina', 'gina-password'],
  ['owner', 'ann', 'ann-password'],
  ['viewer', 'bob', 'bob-password'],
  ['nobody', 'nils', 'nils-password'],
] as const

const saidBy = async (page: Page) =>
  `${(await page.getByRole('alert').allInnerTexts()).join()} ${await page.getByRole('main').innerText()}`

inChromium.each(everybody)(
  'the %s finds every page whole',
  async (_, name, password) => {
    const { page, complaints } = await openPerson(world)
    const refused: string[] = []
    page.on('response', (response) => {
      if (response.status() >= 500) refused.push(`${response.status()} ${response.url()}`)
    })
    await enter(page, name, password)
    for (const address of addresses) {
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.emulateMedia({ colorScheme: 'light' })
      await page.goto(`/console${address}`)
      await settled(page)
      const faults = await faultsOf(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      const atNight = await faultsOf(page, 'color-contrast')
      await page.setViewportSize({ width: 320, height: 800 })
      const found = { address, faults, atNight, overflow: await overflowOf(page), refused }
      expect(found).toEqual({ address, faults: [], atNight: [], overflow: 0, refused: [] })
      expect(await saidBy(page)).not.toMatch(
        /unexpected|undefined|\[object|NaN|answered with status/,
      )
    }
    expect(complaints).toEqual([])
  },
  180_000,
)

inChromium('no page is left out', () => {
  const source = readFileSync('src/console/pages.tsx', 'utf8')
  const ways = [...source.matchAll(/^ {2,4}(?:\{ )?at: \/(\^.*?)\/,/gm)].map(([, at]) => String(at))
  expect(ways.length).toBeGreaterThan(8)
  const idsOf = (address: string) => address.replace(/undefined/g, NOBODY)
  const missed = ways.filter((at) => {
    const pattern = new RegExp(at.replaceAll('\\/', '/'))
    return !addresses.map(idsOf).some((address) => pattern.test(address))
  })
  expect(missed).toEqual([])
})

inChromium(
  'what takes long is waited for, with what was there before still on the screen',
  async () => {
    const { page } = await openPerson(world)
    await enter(page, 'ann', 'ann-password')
    await rows(page).first().waitFor()
    const before = await rows(page).count()
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    world.gate.proxy.decide(async (): Promise<Fate> => {
      await held
      return 'forward'
    })
    await page.getByLabel('Search', { exact: true }).fill('invoices')
    await page.locator('table[aria-busy="true"]').waitFor()
    expect(await rows(page).count()).toBe(before)
    expect(await page.getByRole('alert').count()).toBe(0)
    answer()
    world.gate.proxy.decide(() => 'forward')
    await soon(() => rows(page).count()).toBe(1)
  },
)
