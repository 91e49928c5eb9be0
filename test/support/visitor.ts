// Somebody's browser without the browser: cookies as they are kept, one address after the other.
import type { CompanyProvider } from './provider.ts'

export type Seen = {
  url: string
  status: number
  headers: Headers
  body: string
  /** Where it leads, whole. */
  location: string | undefined
}

type Cookie = { host: string; path: string; name: string; value: string; attributes: string }

export type Visitor = {
  readonly cookies: Cookie[]
  /** Everything that was answered, head and body. */
  readonly seen: Seen[]
  /** One request, wherever its answer leads. */
  ask(url: string, init?: RequestInit): Promise<Seen>
  cookie(name: string): Cookie | undefined
}

export function newVisitor(): Visitor {
  const cookies: Cookie[] = []
  const seen: Seen[] = []
  return {
    cookies,
    seen,
    cookie: (name) => cookies.find((cookie) => cookie.name === name),
    async ask(url, init = {}) {
      const headers = new Headers(init.headers)
      const sent = cookies.filter((cookie) => goesTo(cookie, new URL(url)))
      if (sent.length > 0)
        headers.set('cookie', sent.map(({ name, value }) => `${name}=${value}`).join('; '))
      const response = await fetch(url, { redirect: 'manual', ...init, headers })
      for (const text of response.headers.getSetCookie()) keep(cookies, text, new URL(url))
      const leads = response.headers.get('location')
      const answer = {
        url,
        status: response.status,
        headers: response.headers,
        body: await response.text(),
        location: leads === null ? undefined : new URL(leads, url).href,
      }
      seen.push(answer)
      return answer
    },
  }
}

/** As browsers have it: by host whatever the port, and by path. */
const goesTo = ({ host, path }: Cookie, { hostname, pathname }: URL) =>
  host === hostname && (pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')))

function keep(cookies: Cookie[], text: string, { hostname: host }: URL): void {
  const [pair = '', ...rest] = text.split(';')
  const attributes = rest.map((part) => part.trim()).join('; ')
  const [name = '', value = ''] = pair.split(/=(.*)/)
  const path = /\bpath=([^;]*)/i.exec(attributes)?.[1] ?? '/'
  const known = cookies.findIndex(
    (one) => one.host === host && one.path === path && one.name === name,
  )
  if (known >= 0) cookies.splice(known, 1)
  const expires = /\bexpires=([^;]*)/i.exec(attributes)?.[1]
  const isOver = /\bmax-age=0\b/i.test(attributes) || (expires && Date.parse(expires) < Date.now())
  if (!isOver) cookies.push({ host, path, name, value, attributes })
}

/**
 * To the provider, through its login page, and as far as the address of the callback, which is not asked for yet.
 * Without a `login` the visitor gives up at that page.
 */
export async function travel(
  visitor: Visitor,
  from: string | Seen,
  login?: string,
): Promise<string> {
  let at = typeof from === 'string' ? await visitor.ask(from) : from
  for (let hops = 0; hops < 12; hops++) {
    if (at.location && /\/api\/v1\/auth\/[^/]+\/callback\?/.test(at.location)) return at.location
    if (at.location) {
      at = await visitor.ask(at.location)
    } else {
      const form = /<form[^>]* action="([^"]+)"/.exec(at.body)?.[1]
      if (at.status !== 200 || !form) throw new Error(`${at.url}: ${at.status} ${at.body}`)
      if (login === undefined) at = await visitor.ask(new URL(`${form}/abort`, at.url).href)
      else {
        const body = new URLSearchParams({ prompt: 'login', login, password: 'any' })
        at = await visitor.ask(new URL(form, at.url).href, { method: 'POST', body })
      }
    }
  }
  throw new Error(`led nowhere: ${at.url}`)
}

export const startAt = (url: string, { id }: Pick<CompanyProvider, 'id'>, to?: string): string =>
  `${url}/api/v1/auth/${id}/start${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`

/** A whole sign-in: what the callback answers. */
export async function signInBy(
  visitor: Visitor,
  url: string,
  provider: Pick<CompanyProvider, 'id'>,
  login: string,
  to?: string,
): Promise<Seen> {
  return visitor.ask(await travel(visitor, startAt(url, provider, to), login))
}
