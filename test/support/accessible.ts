// What axe-core finds wrong with a page as it is shown now: WCAG 2.2 to level AA, and the practices beyond it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Violations in words, each with the element it is about; none on a page that has none. `rule`: of one alone. */
export async function faultsOf(page: Page, rule?: string): Promise<string[]> {
  await page.evaluate(source)
  const options = { resultTypes: ['violations'], ...(rule ? { runOnly: [rule] } : {}) }
  const found = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResults
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`),
  )
}
