// Who is signed in. The access token lives in this module's memory alone; what outlives a reload is the refresh
// cookie, which no script can read.
import { Problem, toProblem } from './problem.ts'
import { reassure, suspect } from './state/trouble.ts'
import { storeOf } from './store.ts'

/** `over`: it ended in the middle of work, which waits for whoever signs in again. */
type Session = 'opening' | 'out' | 'in' | 'over'
export const session = storeOf<Session>('opening')

let token: string | undefined
let subject: string | undefined
let renewing: Promise<boolean> | undefined
let waiting: (() => void)[] = []

export const currentToken = (): string | undefined => token

/** Of all tabs, those of this browser: one signs out, all do. */
const tabs = new BroadcastChannel('flowgate-console')
tabs.onmessage = ({ data }) => {
  if (data === 'signed out') forget()
}

/** Exchanges the refresh cookie for a token, once for all who ask meanwhile; false where nobody is signed in. Throws a Problem where that cannot be known. */
export function renew(): Promise<boolean> {
  renewing ??= alone(exchange).finally(() => {
    renewing = undefined
  })
  return renewing
}

/** One tab after the other: the cookie is good once. */
const alone = <T>(work: () => Promise<T>): Promise<T> =>
  'locks' in navigator ? navigator.locks.request('flowgate-refresh', work) : work()

/** An answer, and what it gives reason to think of the service. */
async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { method: 'POST', ...init }).catch((error: unknown) => {
    suspect({ code: 'unreachable', status: 0 })
    throw error
  })
  if (response.ok) reassure(true)
  else if (response.status >= 500) suspect(await toProblem(response.clone()))
  return response
}

async function exchange(): Promise<boolean> {
  const response = await ask('/api/v1/refresh', {})
  if (response.status === 401) {
    token = undefined
    return false
  }
  if (!response.ok) throw await toProblem(response)
  accept(await response.json())
  return true
}

/** At the start, and again after a failure: is somebody signed in? */
export async function open(): Promise<void> {
  session.set((await renew()) ? 'in' : 'out')
}

/** For a page that lay aside: false where it is another's now, and about to be loaded anew. Throws a Problem where nobody can tell. */
export async function reopen(): Promise<boolean> {
  const before = subject
  if (session.get() !== 'out' && !(await renew())) forget()
  return subject === before || subject === undefined
}

/** Throws a Problem where name and password do not fit, or nobody can tell. */
export async function signIn(username: string, password: string): Promise<void> {
  const response = await ask('/api/v1/login', {
    body: new URLSearchParams({ username, password }),
  })
  if (!response.ok) throw await toProblem(response)
  accept(await response.json())
  session.set('in')
  for (const goOn of waiting.splice(0)) goOn()
}

/** Ends the session everywhere in this browser. Throws a Problem while the server has not ended it. */
export async function signOut(): Promise<void> {
  const response = await ask('/api/v1/logout', {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })
  if (!response.ok) throw await toProblem(response)
  tabs.postMessage('signed out')
  forget()
}

/** Waits until somebody has signed in again; gives up with the request that waits. */
export function signedInAgain(signal: AbortSignal | null | undefined): Promise<void> {
  session.set('over')
  return new Promise((resolve, reject) => {
    waiting.push(resolve)
    signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
  })
}

function forget() {
  token = undefined
  subject = undefined
  waiting = []
  session.set('out')
}

/** Nothing that one person saw stays on the page of another. */
function accept(body: unknown): void {
  const given = body && typeof body === 'object' && 'access_token' in body && body.access_token
  if (typeof given !== 'string') throw new Problem('', { status: 0, code: 'unexpected' })
  const sub = subjectOf(given)
  if (subject !== undefined && sub !== subject) window.location.reload()
  else token = given
  subject = sub
}

function subjectOf(jwt: string): string {
  const claims = jwt.split('.')[1] ?? ''
  const parsed: unknown = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))
  return parsed && typeof parsed === 'object' && 'sub' in parsed ? String(parsed.sub) : ''
}
