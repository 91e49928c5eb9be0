// What can be told of a page's accessibility by looking at it, until a checker such as axe-core is at hand: names of
// controls, one heading, ids that are one each, and the contrast of every text that is shown on the ground it stands on.
import type { Page } from 'playwright-core'

/** Faults in words; none on a page that has none of these. */
export const faultsOf = (page: Page): Promise<string[]> => page.evaluate(LOOK) as Promise<string[]>

/** Runs in the page. */
const LOOK = `(() => {
  const faults = []
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true })
  const labelOf = (element) =>
    element.getAttribute('aria-label') || element.labels?.[0]?.innerText || element.innerText ||
    document.getElementById(element.getAttribute('aria-labelledby'))?.innerText
  for (const element of document.querySelectorAll('a, button, input, select, summary, dialog, nav, table [role]'))
    if (isShown(element) && !labelOf(element)?.trim())
      faults.push('no name: ' + element.outerHTML.slice(0, 120))
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) faults.push('id twice: ' + id)
  for (const element of document.querySelectorAll('[aria-controls], [aria-labelledby]'))
    for (const name of ['aria-controls', 'aria-labelledby'])
      if (element.hasAttribute(name) && !document.getElementById(element.getAttribute(name)))
        faults.push(name + ' leads nowhere: ' + element.outerHTML.slice(0, 120))
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1')
  if (document.querySelectorAll('main').length !== 1) faults.push('not one main')
  if (!document.documentElement.lang) faults.push('no language')
  if (!document.title) faults.push('no title')

  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const luminance = (colour) => {
    const [r, g, b] = numbers(colour).map((part) => {
      const one = part / 255
      return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor
      if ((numbers(colour)[3] ?? 1) === 1) return colour
    }
    return 'rgb(255, 255, 255)'
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    if (!texts.currentNode.data.trim() || !isShown(element) || element.closest(':disabled, noscript')) continue
    const [dark, light] = [getComputedStyle(element).color, groundOf(element)].map(luminance).sort((a, b) => a - b)
    const contrast = (light + 0.05) / (dark + 0.05)
    if (contrast < 4.5) faults.push('contrast ' + contrast.toFixed(2) + ': ' + texts.currentNode.data.slice(0, 60))
  }
  return faults
})()`
