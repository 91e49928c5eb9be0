// Who is signed in. The access token lives in this module's memory alone; what outlives a reload is the refresh
// cookie, which no script can read.
import { Problem, toProblem } from './problem.ts'
import { reassure, suspect } from './state/trouble.ts'
import { storeOf } from './store.ts'

/** `over`: it ended in the middle of work, which waits for whoever signs in again. */
type Session = 'opening' | 'out' | 'in' | 'over'
export const session = storeOf<Session>('opening')

let token: string | undefined
/** Whose page this is, from the first token to the end: it outlives signing out, and a token of another is not taken. */
let subject: string | undefined
let renewing: Promise<boolean> | undefined
const waiting: { goOn: () => void; giveUp: () => void }[] = []

export const currentToken = (): string | undefined => token

/** Of all tabs, those of this browser: one signs out, all do. */
const tabs = new BroadcastChannel('flowgate-console')
tabs.onmessage = ({ data }) => {
  if (data === 'signed out') forget()
  if (data === 'signed in' && session.get() === 'over') goOnIfIn().catch(() => undefined)
}

/** For the others, which wait for somebody to sign in: one has, in this one. */
export const tellTabs = () => tabs.postMessage('signed in')

/** Exchanges the refresh cookie for a token, once for all who ask meanwhile; false where nobody is signed in. Throws a Problem where that cannot be known. */
function renew(): Promise<boolean> {
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
  const body = await response.json()
  if (session.get() === 'out') return false
  await accept(body)
  return true
}

/** At the start, and again after a failure: is somebody signed in? */
export async function open(): Promise<void> {
  session.set((await renew()) ? 'in' : 'out')
}

/** For a page that lay aside: settles once it may be seen, and never where it is another's now, and loaded anew. Throws a Problem where nobody can tell. */
export async function reopen(): Promise<void> {
  if (session.get() !== 'out' && !(await renew())) forget()
}

/** Throws a Problem where name and password do not fit, or nobody can tell. */
export async function signIn(username: string, password: string): Promise<void> {
  const response = await ask('/api/v1/login', {
    body: new URLSearchParams({ username, password }),
  })
  if (!response.ok) throw await toProblem(response)
  await accept(await response.json())
  goOn()
}

/** What waited is done now. */
function goOn() {
  session.set('in')
  for (const { goOn } of waiting.splice(0)) goOn()
}

async function goOnIfIn(): Promise<void> {
  if (await renew()) goOn()
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

/**
 * For a request that was refused with this token: settles once there is a better one of the same person, by renewing it
 * or when they have signed in again. Throws an AbortError where they have signed out or the request was given up, and a
 * Problem where nobody can tell.
 */
export async function regain(
  refused: string | undefined,
  signal: AbortSignal | null | undefined,
): Promise<void> {
  if (session.get() !== 'out') {
    if (token !== undefined && token !== refused) return
    if (await renew()) return
  }
  await new Promise<void>((goOn, reject) => {
    const giveUp = () => reject(new DOMException('', 'AbortError'))
    // Signing out may have come first, and an abort is told once.
    if (session.get() === 'out' || signal?.aborted) return giveUp()
    waiting.push({ goOn, giveUp })
    signal?.addEventListener('abort', giveUp)
    session.set('over')
  })
}

function forget() {
  token = undefined
  session.set('out')
  for (const { giveUp } of waiting.splice(0)) giveUp()
}

/** Nothing that one person saw stays on the page of another, and nothing that one began is sent as the other. */
async function accept(body: unknown): Promise<void> {
  const given = body && typeof body === 'object' && 'access_token' in body && body.access_token
  if (typeof given !== 'string') throw new Problem('', { status: 0, code: 'unexpected' })
  const sub = subjectOf(given)
  if (subject !== undefined && sub !== subject) {
    window.location.reload()
    await new Promise(() => undefined) // whoever waits for this goes with the page
  }
  subject = sub
  token = given
}

function subjectOf(jwt: string): string {
  const claims = jwt.split('.')[1] ?? ''
  const parsed: unknown = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))
  return parsed && typeof parsed === 'object' && 'sub' in parsed ? String(parsed.sub) : ''
}
