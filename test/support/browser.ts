// A browser with LangBuilder's front end in it, as far as HTTP goes: cookies are kept, sent and shown to scripts by
// the rules that browsers keep (RFC 6265bis), the bearer token comes out of `document.cookie`, and a 403 is tried again
// after a refresh. Each request is noted.
import type { Flowgate } from './flowgate.ts'
import type { Answer } from './world.ts'

type Cookie = {
  value: string
  httpOnly: boolean
  secure: boolean
  sameSite: 'None' | 'Lax' | 'Strict'
}
type Noted = { method: string; path: string; status: number; hasToken: boolean }

export type Browser = {
  readonly notes: Noted[]
  /** One request of a page's script, with what the browser adds to it. */
  fetch(method: string, path: string, init?: Init): Promise<Answer>
  /** The same as the front end sends it: with its token, and up to three times where it is refused. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>
  signIn(username: string, password: string): Promise<Answer>
  /** What a script reads in `document.cookie`. */
  cookie(name: string): string | undefined
  /** A script writes to `document.cookie`; without a value it deletes. False where the browser keeps what it has. */
  setCookie(name: string, value?: string): boolean
  /** What the browser keeps of the server, whoever may read it. */
  kept(name: string): Cookie | undefined
}

type Init = { body?: unknown; form?: string; token?: string | undefined }
type Options = {
  /** The origin of the page. */
  page?: string
  /** Where the browser believes the server to be; another place than the page's where nothing stands between them. */
  server?: string
  /** Where the browser is. */
  address?: string
}

const ACCESS = 'access_token_lf'
const TRIES = 3

/** Opens a page of the front end, by default one that the server itself might have sent. */
export function openBrowser(gate: Flowgate, options: Options = {}): Browser {
  const page = new URL(options.page ?? gate.url)
  const server = new URL(options.server ?? page.origin)
  const relation =
    page.origin === server.origin
      ? 'same-origin'
      : isSameSite(page, server)
        ? 'same-site'
        : 'cross-site'
  const jars = new Map<string, Map<string, Cookie>>()
  const jarOf = ({ hostname }: URL) => {
    const jar = jars.get(hostname) ?? new Map<string, Cookie>()
    jars.set(hostname, jar)
    return jar
  }
  const notes: Noted[] = []

  const browser: Browser = {
    notes,
    async fetch(method, path, { body, form, token } = {}) {
      const sent = [...jarOf(server)].filter(
        ([, { sameSite }]) => relation !== 'cross-site' || sameSite === 'None',
      )
      const isNamed = method !== 'GET' || relation !== 'same-origin'
      const response = await fetch(gate.url + path, {
        method,
        redirect: 'manual',
        headers: {
          'sec-fetch-site': relation,
          ...(options.address ? { 'cf-connecting-ip': options.address } : {}),
          ...(isNamed ? { origin: page.origin } : {}),
          ...(sent.length > 0
            ? { cookie: sent.map(([k, v]) => `${k}=${v.value}`).join('; ') }
            : {}),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(form === undefined ? {} : { body: form }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      for (const line of response.headers.getSetCookie())
        keep(jarOf(server), line, server, relation === 'cross-site')
      const { status, headers } = response
      notes.push({ method, path, status, hasToken: token !== undefined })
      if (status === 307)
        return browser.fetch(method, String(headers.get('location')), { body, token })
      return { status, headers, body: await read(response) }
    },
    async ask(method, path, body) {
      for (let n = 0; ; n++) {
        const answer = await browser.fetch(method, path, { body, token: browser.cookie(ACCESS) })
        if (answer.status !== 403 || n === TRIES) return answer
        const renewed = await browser.fetch('POST', '/api/v1/refresh', {
          token: browser.cookie(ACCESS),
        })
        if (renewed.status !== 200) return answer
        browser.setCookie(ACCESS, renewed.body.access_token)
      }
    },
    async signIn(username, password) {
      const form = new URLSearchParams({ username, password }).toString()
      const answer = await browser.fetch('POST', '/api/v1/login', { form })
      if (answer.status === 200) browser.setCookie(ACCESS, answer.body.access_token)
      return answer
    },
    cookie(name) {
      const cookie = jarOf(page).get(name)
      return cookie?.httpOnly ? undefined : cookie?.value
    },
    setCookie(name, value) {
      const jar = jarOf(page)
      const known = jar.get(name)
      if (known?.httpOnly || (known?.secure && page.protocol === 'http:')) return false
      if (value === undefined) jar.delete(name)
      else jar.set(name, { value, httpOnly: false, secure: false, sameSite: 'Lax' })
      return true
    },
    kept: (name) => jarOf(server).get(name),
  }
  return browser
}

/** As far as the names in tests go: the last two labels of a name are a site, and an address is its own. */
function isSameSite(a: URL, b: URL): boolean {
  const site = ({ protocol, hostname }: URL) =>
    protocol + (/^[\d.]+$/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.'))
  return site(a) === site(b)
}

const isLoopback = ({ hostname }: URL) => hostname === '127.0.0.1' || hostname === 'localhost'

function keep(jar: Map<string, Cookie>, line: string, server: URL, isForeign: boolean): void {
  const [pair = '', ...rest] = line.split(/; */)
  const [name = '', value = ''] = pair.split(/=(.*)/s)
  const said = Object.fromEntries(
    rest.map((one) => [one.split('=')[0]?.toLowerCase(), one.split('=')[1]]),
  )
  const cookie: Cookie = {
    value,
    httpOnly: 'httponly' in said,
    secure: 'secure' in said,
    sameSite: (said.samesite as Cookie['sameSite'] | undefined) ?? 'Lax',
  }
  if (isForeign && cookie.sameSite !== 'None') return
  if (cookie.sameSite === 'None' && !cookie.secure) return
  if (cookie.secure && server.protocol === 'http:' && !isLoopback(server)) return
  if (said['max-age'] === '0') jar.delete(name)
  else jar.set(name, cookie)
}

async function read(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (/json/.test(type)) return response.json()
  return /zip/.test(type) ? new Uint8Array(await response.arrayBuffer()) : response.text()
}
