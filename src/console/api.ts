// The typed client of our own API, and what stands behind each of its requests: the token, one renewal of it where it
// is refused, patience where the service asks for some.
import { hc } from 'hono/client'
import type { AppType } from '../app.ts'
import { toProblem } from './problem.ts'
import { currentToken, regain } from './session.ts'
import { reassure, suspect } from './state/trouble.ts'
import { storeOf } from './store.ts'

const MAX_TRIES = 4
const MAX_PAUSE_S = 20

/** How many requests wait because the service asked them to. */
export const waitingRequests = storeOf(0)

/** hc drops the slash at the end of a list's address, which a redirect would put back for a round trip. */
const withSlash = (url: string) =>
  url.replace(/\/(flows|projects|users|teams|api_key|flows\/download)(?=$|\?)/, '/$1/')

/** The answer to a request, whatever it says. Throws where there is none, or where it was aborted. */
async function send(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const url = withSlash(String(input))
  for (let tries = 1; ; tries++) {
    const used = currentToken()
    const headers = new Headers(init.headers)
    if (used) headers.set('authorization', `Bearer ${used}`)
    const response = await fetch(url, { ...init, headers }).catch((error: unknown) => {
      if (error instanceof TypeError) suspect({ code: 'unreachable', status: 0 })
      if (tries < MAX_TRIES && error instanceof TypeError && isRead(init)) return undefined
      throw error
    })
    if (response?.ok) reassure(!isRead(init))
    else if (response && response.status >= 500) suspect(await toProblem(response.clone()))
    if (response && tries < MAX_TRIES && (await isRefused(response))) {
      await regain(used, init.signal)
    } else if (!response || (tries < MAX_TRIES && (await mayRepeat(response, init)))) {
      await pause(Number(response?.headers.get('retry-after') ?? tries), init.signal)
    } else return response
  }
}

const isRead = ({ method = 'GET' }: RequestInit) => method === 'GET'

/** The token is over, or its session: 401, or 403 where LangBuilder's clients expect that. */
const isRefused = async (response: Response) =>
  response.status === 401 ||
  (response.status === 403 && (await codeOf(response)) === 'not_authenticated')

/** Reads may always be repeated, writes where nothing was changed or where the service tells the second from the first. */
async function mayRepeat(response: Response, init: RequestInit): Promise<boolean> {
  if (response.status !== 503 && response.status !== 429) return false
  if (isRead(init) || new Headers(init.headers).has('idempotency-key')) return true
  return ['database_busy', 'migration_running'].includes(await codeOf(response))
}

const codeOf = async (response: Response): Promise<string> =>
  (await toProblem(response.clone())).code

async function pause(seconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  if (signal?.aborted) return
  waitingRequests.set(waitingRequests.get() + 1)
  const ms = Math.min(seconds || 1, MAX_PAUSE_S) * 1000
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  waitingRequests.set(waitingRequests.get() - 1)
}

const client = hc<AppType>(window.location.origin, { fetch: send })
export const { v1 } = client.api

/** The body of a success, of the shape that /openapi.json gives it; tests hold each answer against that. Throws a Problem. */
export async function read<T>(asked: Promise<Response>): Promise<T> {
  const response = await asked
  if (!response.ok) throw await toProblem(response)
  return response.json() as Promise<T> // see above
}

/** The same where the body is of no interest. */
export async function done(asked: Promise<Response>): Promise<Response> {
  const response = await asked
  if (!response.ok) throw await toProblem(response)
  return response
}

/** For POSTs that create: the same click, sent again, makes nothing twice. */
export const once = () => ({ headers: { 'idempotency-key': crypto.randomUUID() } })
