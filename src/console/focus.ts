// What has the focus may go: the row whose grant has just been ended, or a button that is off while it works. The browser
// forgets then where a keyboard was, and begins at the top.

/**
 * Leads a lost focus on until it is given up: back to a button that is on again, to the way back where something was
 * done, else to the page. Where the pointer is what people use it leads nowhere: their next space is to scroll.
 */
export function keepFocus(): () => void {
  let last: HTMLElement | undefined
  let address = ''
  let isPointed = false
  const came = () => {
    const here = document.activeElement
    last = !isPointed && here instanceof HTMLElement && here !== document.body ? here : last
    address = window.location.href
  }
  const pointed = () => {
    isPointed = true
    last = undefined
  }
  const typed = () => {
    isPointed = false
    came()
  }
  const look = () => {
    if (!last || document.activeElement !== document.body) return
    if (!last.isConnected) heir(address).focus({ preventScroll: true })
    else if (!last.matches(':disabled')) last.focus({ preventScroll: true })
  }
  const observer = new MutationObserver(() => requestAnimationFrame(look))
  const what = { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] }
  observer.observe(document.body, what)
  document.addEventListener('focusin', came)
  document.addEventListener('pointerdown', pointed, true)
  document.addEventListener('keydown', typed, true)
  return () => {
    observer.disconnect()
    document.removeEventListener('focusin', came)
    document.removeEventListener('pointerdown', pointed, true)
    document.removeEventListener('keydown', typed, true)
  }
}

/** What is said at the foot belongs to what was done at this address alone. */
function heir(address: string): HTMLElement {
  const undo = '.notice button:enabled:not(.quiet)'
  const isHere = address === window.location.href
  const button = isHere ? document.querySelector<HTMLElement>(undo) : null
  return button ?? document.getElementById('main') ?? document.body
}
