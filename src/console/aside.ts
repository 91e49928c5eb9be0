// A browser lays a page aside when it is left, and the back button brings it back as it was, private rows and all,
// whatever has become of its session meanwhile. It is not seen before that is known.
import { reopen } from './session.ts'

/** Hides what is in the root while the page lies aside. */
export function hideAside(root: HTMLElement): void {
  window.addEventListener('pagehide', () => {
    root.hidden = true
  })
  window.addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    reopen().then(
      () => {
        root.hidden = false
      },
      () => window.location.reload(),
    )
  })
}
