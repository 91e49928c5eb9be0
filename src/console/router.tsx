// The address bar is the state of a page: its path says which page, its query what is looked for there.
import type { Child } from 'hono/jsx'
import { type Store, storeOf, useStore } from './store.ts'

export const BASE = '/console'

/** `path` is below /console; `name` is what the page before, which led here, already knew of the thing. */
export type Place = { path: string; query: URLSearchParams; name?: string | undefined }

/** A name is never put into the history, which outlives whoever could read it: coming back, a page asks for it. */
function readPlace(name?: string): Place {
  const { pathname, search } = window.location
  const path = pathname.slice(BASE.length).replace(/\/+$/, '') || '/'
  return { path, query: new URLSearchParams(search), name }
}

const place: Store<Place> = storeOf(readPlace())
window.addEventListener('popstate', () => place.set(readPlace()))

export const usePlace = (): Place => useStore(place)

/** Goes to an address below /console; with `replace` the back button does not come by here again. */
export function go(
  to: string,
  { replace = false, name }: { replace?: boolean; name?: string } = {},
) {
  if (replace) window.history.replaceState(null, '', BASE + to)
  else window.history.pushState(null, '', BASE + to)
  place.set(readPlace(name))
}

/** The same page with some of its query changed; undefined and empty ones leave it. */
export function changeQuery(changes: Record<string, string | undefined>, replace = false): void {
  const { path, query, name } = place.get()
  const next = new URLSearchParams(query)
  for (const [key, value] of Object.entries(changes)) {
    if (value) next.set(key, value)
    else next.delete(key)
  }
  if (next.toString() === query.toString()) return
  const text = next.toString()
  go(path + (text && `?${text}`), { replace, ...(name === undefined ? {} : { name }) })
}

type LinkProps = { to: string; name?: string; current?: boolean; class?: string; children?: Child }

/** A link within the console; with a modifier key the browser opens it as it opens any other. */
export function Link({ to, name, current, children, ...more }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to, name === undefined ? {} : { name })
    window.scrollTo(0, 0)
  }
  return (
    <a href={BASE + to} onClick={follow} aria-current={current ? 'page' : undefined} {...more}>
      {children}
    </a>
  )
}
