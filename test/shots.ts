// `npm run shots`: pictures of every page of the console in the demo world, light, dark and narrow, in dist/shots; those
// that a README shows are put beside it.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { seedDemo } from '../src/cli/demo.ts'
import { PASSWORD } from '../src/cli/demo-world.ts'
import { startSqld } from '../src/cli/sqld.ts'
import { startIsolate } from './bench/isolates.ts'
import build from './support/build.ts'
import { launchChromium, settled } from './support/chromium.ts'

const root = { username: 'admin', password: 'only for these pictures' }
const OUT = 'dist/shots'

/** Who looks at which page: its address, or how to get there from it. */
type Shot = { name: string; as: string; path: string; onwards?: (page: Page) => Promise<unknown> }

const followLink = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('link', { name }).first().click()
}

const shots: Shot[] = [
  { name: 'flows', as: 'eddy', path: '/flows' },
  {
    name: 'access',
    as: 'gina',
    path: '/flows?search=ticket',
    onwards: async (page) => {
      await page.locator('summary').first().click()
      await followLink('Who has access')(page)
    },
  },
  { name: 'people', as: root.username, path: '/people' },
  { name: 'person', as: root.username, path: '/people', onwards: followLink('eddy') },
  { name: 'teams', as: root.username, path: '/teams' },
  { name: 'roles', as: root.username, path: '/roles' },
  { name: 'audit', as: root.username, path: '/audit' },
  { name: 'state', as: root.username, path: '/state' },
  { name: 'me', as: 'eddy', path: '/me' },
]

const looks = [
  { name: 'light', width: 1280, height: 800, colorScheme: 'light' },
  { name: 'dark', width: 1280, height: 800, colorScheme: 'dark' },
  { name: 'narrow', width: 360, height: 740, colorScheme: 'light' },
] as const

/** Pictures that are kept, and where. */
const kept = { 'flows-light': 'flows-light', 'flows-dark': 'flows-dark', 'access-light': 'access' }

async function take(browser: Browser, url: string, look: (typeof looks)[number], wanted: Shot[]) {
  for (const who of new Set(wanted.map(({ as }) => as))) {
    const { width, height, colorScheme } = look
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      baseURL: url,
      locale: 'en-GB',
    })
    const page = await context.newPage()
    await page.goto('/console/flows')
    await page.getByLabel('Name').fill(who)
    await page.getByLabel('Password').fill(who === root.username ? root.password : PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    for (const { name, path, onwards } of wanted.filter(({ as }) => as === who)) {
      await page.goto(`/console${path}`)
      await settled(page)
      await onwards?.(page)
      await settled(page)
      await page.screenshot({ path: `${OUT}/${name}-${look.name}.png` })
      process.stdout.write(`${OUT}/${name}-${look.name}.png\n`)
    }
    await context.close()
  }
}

async function main(): Promise<void> {
  const wanted = shots.filter(({ name }) => process.argv.length < 3 || process.argv.includes(name))
  build()
  mkdirSync(OUT, { recursive: true })
  const directory = mkdtempSync(join(tmpdir(), 'flowgate-shots-'))
  const sqld = await startSqld(directory, { checkpointSeconds: 0 })
  const isolate = await startIsolate(sqld.url, {
    SUPERUSER: root.username,
    SUPERUSER_PASSWORD: root.password,
    LANGBUILDER_URL: 'https://builder.example.com',
  })
  const browser = await launchChromium()
  try {
    await seedDemo(isolate.url, root, join(directory, 'seeded'))
    for (const look of looks) await take(browser, isolate.url, look, wanted)
    mkdirSync('src/console/pictures', { recursive: true })
    for (const [from, to] of Object.entries(kept))
      if (wanted.some(({ name }) => from.startsWith(name)))
        copyFileSync(`${OUT}/${from}.png`, `src/console/pictures/${to}.png`)
  } finally {
    await browser.close()
    await isolate.stop()
    await sqld.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
