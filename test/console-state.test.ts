// The state of the service in the console, and what people see of a database that is not fit.
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { t } from '../src/console/texts.ts'
import { exitCodes } from '../src/migrate/verdicts.ts'
import { faultsOf } from './support/accessible.ts'
import { enter, overflowOf, personIn, screenshot } from './support/chromium.ts'
import { consoleWorld, inChromium, openPerson, rows, soon } from './support/console-world.ts'
import { flowgateForTest, SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import type { Fate } from './support/proxy.ts'

const world = consoleWorld()
afterEach(() => world.gate?.proxy.decide(() => 'forward'))
const strip = (page: Page) => page.locator('.strip')
const fateOf = (sql: RegExp, fate: Fate) => (_: number, body: string) =>
  sql.test(body) ? fate : 'forward'
/** As sqld answers a write that it has no room for. */
const full: Fate = {
  status: 200,
  body: JSON.stringify({
    baton: null,
    base_url: null,
    results: [
      {
        type: 'error',
        error: { message: 'SQLite error: database or disk is full', code: 'SQLITE_FULL' },
      },
    ],
  }),
}

test('whatever the service can find of its database has a line in the runbook of the console', () => {
  const said = Object.keys(t.state.troubles)
  const refused: Record<string, string> = {
    partial: 'schema_partial',
    drifted: 'schema_drifted',
    diverged: 'schema_diverged',
    tampered: 'schema_tampered',
    held: 'migration_running',
    failed_recently: 'migration_failed',
    unknown: 'database_unavailable',
  }
  const codes = Object.keys(exitCodes).map((verdict) => refused[verdict] ?? verdict)
  expect(codes.filter((code) => !said.includes(code))).toEqual([])
})

inChromium(
  'an admin sees verdict, revisions, what is slow, how far the database is, and how much is in it',
  async () => {
    await world.gate.db.execute('DROP INDEX ix_flowgate_audit_actor')
    const { page, complaints } = await openPerson(world)
    await enter(page, SUPERUSER, SUPERUSER_PASSWORD)
    await page.getByRole('link', { name: 'State' }).click()
    const box = (name: string) => page.getByRole('region', { name })
    await soon(() => box('Database').innerText()).toContain('All is well.')
    expect(await box('Database').innerText()).toMatch(
      /At revision \d{4}_\w+, the newest of this build/,
    )
    await soon(async () => {
      await page.getByRole('button', { name: 'Look again' }).click()
      return box('Indexes that are missing').innerText()
    }).toContain('index flowgate_audit(actor_id, seq)')
    await soon(() => box('How far away').innerText()).toMatch(/answers in [\d.]+ ms/)
    await soon(() => box('How much there is').locator('div').allInnerTexts()).toEqual([
      'Flows\n62',
      expect.stringMatching(/^Rights given\n\d+$/),
      'People\n4',
    ])
    await soon(() => box('Versions').innerText()).toMatch(/This console\s+[0-9a-f]{8}/)
    await world.gate.db.execute(
      'CREATE INDEX ix_flowgate_audit_actor ON flowgate_audit (actor_id, seq)',
    )
    expect(complaints).toEqual([])
  },
)

inChromium(
  'whoever is no admin sees what is public anyway, and nothing that costs a look into the rows',
  async () => {
    const { page } = await openPerson(world)
    await enter(page, 'bob', 'bob-password', '/state')
    await page.getByText('All is well.').waitFor()
    await page.getByText('Versions').waitFor()
    expect(await page.getByRole('link', { name: 'State' }).count()).toBe(0)
    expect(await page.getByText('How much there is').count()).toBe(0)
  },
)

inChromium(
  'a database that is away is said on every page, leads to what to do, and goes by itself',
  async () => {
    const { page } = await openPerson(world)
    await enter(page, 'ann', 'ann-password')
    await rows(page).first().waitFor()
    expect(await strip(page).count()).toBe(0)
    const looks: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/health/ready')) looks.push(request.url())
    })
    world.gate.proxy.decide(() => 'lost')
    const search = page.getByLabel('Search')
    await search.fill('report')
    await soon(() => strip(page).innerText()).toBe('The database is away. What to do')
    expect(await search.evaluate('document.activeElement.name')).toBe('search')
    expect(await page.getByRole('status').filter({ hasText: 'The database is away' }).count()).toBe(
      1,
    )
    await strip(page).getByRole('link').click()
    await soon(() => page.getByRole('region', { name: 'Database' }).innerText()).toContain(
      'Look whether the server runs',
    )
    world.gate.proxy.decide(() => 'forward')
    await soon(() => strip(page).count()).toBe(0)
    await soon(() => page.getByRole('region', { name: 'Database' }).innerText()).toContain(
      'All is well.',
    )
    await page.getByRole('link', { name: 'Flows' }).click()
    await rows(page).first().waitFor()
    // While all is well nobody looks, whatever is asked.
    const before = looks.length
    expect(before).toBeGreaterThan(0)
    await page.getByLabel('Search').fill('invoices')
    await soon(() => rows(page).count()).toBe(1)
    await page.getByLabel('Search').fill('report')
    await soon(() => rows(page).count()).toBe(50)
    expect(looks.length).toBe(before)
  },
)

inChromium('a database that takes no writes is said until one succeeds', async () => {
  const { page } = await openPerson(world)
  await enter(page, 'ann', 'ann-password', '/flows?search=invoices')
  const rename = async (name: string) => {
    await page.locator('summary').click()
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('New name').fill(name)
    await page.keyboard.press('Enter')
  }
  world.gate.proxy.decide(fateOf(/UPDATE \\?"?flow/, full))
  await rename('Refused')
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await page.keyboard.press('Escape')
  await soon(() => strip(page).innerText()).toContain(
    'The database is full: nothing can be changed.',
  )
  world.gate.proxy.decide(() => 'forward')
  await page.getByLabel('Search').fill('report')
  await soon(() => rows(page).count()).toBe(50)
  expect(await strip(page).count()).toBe(1)
  await page.getByLabel('Search').fill('invoices')
  await soon(() => rows(page).count()).toBe(1)
  await rename('Invoices again')
  await soon(() => strip(page).count()).toBe(0)
})

inChromium(
  'where nobody can sign in it says why and what to do, looks until it is well, and lets people in',
  async () => {
    const gate = await flowgateForTest({
      files: true,
      prepare: (db) => db.execute('CREATE TABLE role (id CHAR(32) PRIMARY KEY)'),
    })
    const { page } = await personIn(world.browser, gate, { width: 320, height: 800 })
    await page.goto('/console/flows')
    const box = page.locator('.box')
    await soon(() => box.innerText()).toContain('The database is not recognised.')
    expect(await box.innerText()).toContain('npm run db -- repair')
    expect(await box.innerText()).toContain('table role is unexpected')
    expect(await overflowOf(page)).toBe(0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await faultsOf(page)).toEqual([])
      await screenshot(page, `console-unfit-320-${colorScheme}`)
    }
    await page.getByLabel('Name').fill(SUPERUSER)
    await gate.db.execute('DROP TABLE role')
    await soon(() => box.innerText()).toContain('The database is empty.')
    expect(await page.getByRole('progressbar').getAttribute('value')).toBe('0')
    // What was typed is still there.
    await page.getByLabel('Password').fill(SUPERUSER_PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await soon(() => strip(page).count()).toBe(0)
    // The service goes away under somebody who has a session: the page waits for it.
    gate.proxy.decide(() => 'lost')
    await page.reload()
    await soon(() => box.innerText()).toContain('The database is away.')
    gate.proxy.decide(() => 'forward')
    await page.getByRole('button', { name: 'Sign out' }).waitFor({ timeout: 30_000 })
  },
)

inChromium(
  'on a phone nothing has to be scrolled sideways, and all of it can be read by day and by night',
  async () => {
    const { page } = await openPerson(world, { width: 320, height: 800 })
    await enter(page, SUPERUSER, SUPERUSER_PASSWORD, '/state')
    await page.getByText(/answers in/).waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await overflowOf(page)).toBe(0)
      expect(await faultsOf(page)).toEqual([])
      await screenshot(page, `console-state-320-${colorScheme}`)
      await page.setViewportSize({ width: 1280, height: 900 })
      expect(await faultsOf(page)).toEqual([])
      await screenshot(page, `console-state-${colorScheme}`)
      await page.setViewportSize({ width: 320, height: 800 })
    }
  },
)
