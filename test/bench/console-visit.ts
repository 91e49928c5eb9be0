// One person's visit: a browser of their own, signing in, the first row, a search, the next page.
import type { Browser, Page } from 'playwright-core'

export type Weather = {
  name: string
  latencyMs?: number
  bytesPerSecond?: number
  /** How many times slower the browser's processor is. */
  slowdown?: number
}

/** Milliseconds, but for `requests` of the API and `shift` of the layout (without a unit), both until the first row. */
export type Visit = {
  caller: string
  weather: string
  /** Until something is painted, and until the largest of it is. */
  firstPaint: number
  largestPaint: number
  /** From the click that signs in to the first row. */
  firstRow: number
  requests: number
  search: number
  nextPage: number
  /** From a reload to the first row: the session is won back, the files are kept. */
  reload: number
  /** Of all tasks longer than 50 ms, what is beyond. */
  blocked: number
  shift: number
}

type Whom = { url: string; caller: string; password: string; weather: Weather }

export async function visit(
  browser: Browser,
  { url, caller, password, weather }: Whom,
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, baseURL: url })
  context.setDefaultTimeout(120_000)
  try {
    const page = await context.newPage()
    await page.addInitScript(WATCH)
    await slowDown(page, weather)
    await page.goto('/console/flows')
    await page.getByLabel('Name').fill(caller)
    await page.getByLabel('Password').fill(password)
    const paints = await seen(page)
    const asked = countRequests(page)
    const row = page.locator('tbody tr').first()
    const firstRow = await timed(
      () => page.keyboard.press('Enter'),
      () => row.waitFor(),
    )
    const requests = asked()
    const { shift } = await seen(page)
    const search = await timed(
      () => page.getByLabel('Search', { exact: true }).fill('cleaner'),
      () => until(page, `location.search.includes('cleaner') && ${IS_QUIET}`),
    )
    await page.getByLabel('Search', { exact: true }).fill('')
    await until(page, `!location.search.includes('cleaner') && ${IS_QUIET}`)
    const next = page.getByRole('button', { name: 'Next page' })
    const nextPage = await timed(
      () => next.click(),
      () => until(page, `location.search.includes('cursor') && ${IS_QUIET}`),
    )
    const { blocked } = await seen(page)
    const reload = await timed(
      () => page.reload({ waitUntil: 'commit' }),
      () => row.waitFor(),
    )
    const { firstPaint, largestPaint } = paints
    return {
      ...{ caller, weather: weather.name, firstPaint, largestPaint, firstRow, requests },
      ...{ search, nextPage, reload, blocked, shift },
    }
  } finally {
    await context.close()
  }
}

/** What is on the screen is the answer to what was asked last. */
const IS_QUIET = `document.querySelector('tbody tr') && !document.querySelector('[aria-busy="true"]')`

/** Looked at again and again from outside, for the page's policy lets no text be run within it. */
async function until(page: Page, condition: string): Promise<void> {
  const gaveUpAt = performance.now() + 60_000
  while (!(await page.evaluate(`Boolean(${condition})`))) {
    if (performance.now() > gaveUpAt) throw new Error(`never came: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function timed(act: () => Promise<unknown>, done: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await act()
  await done()
  return performance.now() - started
}

function countRequests(page: Page): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.url().includes('/api/')) count++
  })
  return () => count
}

async function slowDown(page: Page, { latencyMs, bytesPerSecond, slowdown }: Weather) {
  const session = await page.context().newCDPSession(page)
  if (slowdown) await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  if (latencyMs === undefined || bytesPerSecond === undefined) return
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  })
}

type Seen = { firstPaint: number; largestPaint: number; blocked: number; shift: number }

const seen = (page: Page): Promise<Seen> => page.evaluate('window.seen') as Promise<Seen>

/** Runs in the page, before anything of it. */
const WATCH = `
  window.seen = { firstPaint: 0, largestPaint: 0, blocked: 0, shift: 0 }
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true })
  watch('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') seen.firstPaint = startTime
  })
  watch('largest-contentful-paint', ({ startTime }) => { seen.largestPaint = startTime })
  watch('longtask', ({ duration }) => { seen.blocked += duration - 50 })
  watch('layout-shift', ({ value, hadRecentInput }) => { if (!hadRecentInput) seen.shift += value })
`
