// A console with people, projects and flows in it, for the tests that look at it in a browser.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test as testOf } from 'vitest'
import { executablePath, launchChromium, type Person, personIn } from './chromium.ts'
import { type Flowgate, startFlowgate } from './flowgate.ts'
import { type Api, createFlow, createProject, createUser, grant, signIn } from './world.ts'

/** Skipped where there is no Chromium. */
export const inChromium = testOf.skipIf(!executablePath)

export const MARKUP = '<img src=x onerror=alert(1)><b>bold</b>'

export type ConsoleWorld = {
  gate: Flowgate
  browser: Browser
  root: Api
  /** Owns the project `Plans` with 62 flows. */
  ann: Api
  /** Views it. */
  bob: Api
  plans: string
}

/** Made before the tests of a file, and gone after them. `nils` is there too, and sees nothing. */
export function consoleWorld(bindings: Record<string, string> = {}): ConsoleWorld {
  const world = {} as ConsoleWorld // filled before the first test
  beforeAll(async () => {
    if (!executablePath) return
    const gate = await startFlowgate({ files: true, bindings })
    const root = await signIn(gate)
    const ann = await createUser(gate, root, 'ann')
    const bob = await createUser(gate, root, 'bob')
    await createUser(gate, root, 'nils')
    const plans = await createProject(ann, 'Plans')
    await createFlow(ann, 'Invoices', plans, { tags: ['finance'], description: 'Reads invoices' })
    await createFlow(ann, MARKUP, plans, { description: MARKUP })
    for (let n = 1; n <= 60; n++) await createFlow(ann, `Report ${n}`, plans)
    await grant(root, bob, 'Viewer', 'Project', plans)
    Object.assign(world, { gate, root, ann, bob, plans, browser: await launchChromium() })
  }, 120_000)
  afterAll(async () => {
    await world.browser?.close()
    await world.gate?.stop()
  })
  return world
}

/** A browser of its own with a tab open. */
export const openPerson = (
  { browser, gate }: ConsoleWorld,
  viewport?: { width: number; height: number },
): Promise<Person> => personIn(browser, gate, viewport)

/** Polled for as long as a busy machine may take. */
export const soon = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 })

export const rows = (page: Page) => page.locator('tbody tr')
export const total = (page: Page) => page.locator('.total').innerText()
export const bar = (page: Page) => page.locator('.notice p').innerText()

/** Types a part of a project's name into a box and takes what is found. */
export async function chooseProject(page: Page, box: string, name: string): Promise<void> {
  await page.getByRole('combobox', { name: box, exact: true }).fill(name)
  await page.getByRole('option', { name, exact: true }).click()
}
