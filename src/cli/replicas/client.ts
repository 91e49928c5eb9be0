// How the traffic of `npm run demo:replicas` asks: Workers as any client does, and servers past them.
import { openDatabase } from '../../db/client.ts'
import { sql } from '../../db/sql.ts'

export type Login = { username: string; password: string }
export type Headers = Record<string, string>

/** So long somebody waits for an answer. */
const PATIENCE_MS = 15_000

type Answer = {
  readonly ms: number
  /** What the answer says of itself, where it comes from. */
  readonly consistency: string
  /** What its caller has seen, to be shown to another Worker; undefined where answers are the primary's alone. */
  readonly flowgateAt: string | undefined
  readonly body: Record<string, unknown>
}

export class Refused extends Error {
  constructor(readonly status: number) {
    super(`refused with ${status}`)
  }
}

/** Throws Refused for any status but 2xx, and what `fetch` throws. */
export async function send(
  url: string,
  method: string,
  headers: Headers,
  body?: object,
): Promise<Answer> {
  const started = performance.now()
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Refused(response.status)
  return {
    ms: performance.now() - started,
    consistency: response.headers.get('flowgate-consistency') ?? '',
    flowgateAt: response.headers.get('flowgate-at') ?? undefined,
    body: JSON.parse(text),
  }
}

export async function signIn(url: string, login: Login): Promise<Headers> {
  const response = await fetch(`${url}/api/v1/login`, {
    method: 'POST',
    body: new URLSearchParams(login),
  })
  const { access_token } = (await response.json()) as { access_token?: string }
  if (!access_token) throw new Refused(response.status)
  return { authorization: `Bearer ${access_token}` }
}

/** Whether the server itself shows the flow so described. */
export async function isThere(url: string, id: string, description: string): Promise<boolean> {
  const db = openDatabase({ url, limits: { requestMs: 2000 } })
  const [rows] = await db.read(
    sql`SELECT 1 FROM flow WHERE id = ${id.replaceAll('-', '')} AND description = ${description}`,
  )
  return rows.length > 0
}
