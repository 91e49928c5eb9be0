// What a provider answers: fetched within a time and a size, from the very address that was asked, as JSON.
import { ApiError } from '../errors.ts'

const LIMIT_MS = 5_000
const MAX_BYTES = 256 * 1024

/** Seconds after which whoever was refused may try again. */
const RETRY_AFTER_S = 5

/** A form to be posted, and who posts it; a GET without one. */
type Posting = { form?: URLSearchParams; authorization?: string }

/** Any status below 500 that is no redirect; its body is undefined where a refusal is not JSON. */
export type Answer = { status: number; body: unknown }

/** Throws 503 where nothing comes in time, or what comes is too large, a redirect, an error or not JSON. */
export async function fetchJson(url: string, posting: Posting = {}): Promise<Answer> {
  try {
    return await ask(url, posting)
  } catch (cause) {
    throw unavailable(RETRY_AFTER_S, cause)
  }
}

/** `cause` is for the log: it names an address and what went wrong there, never what was sent. */
export const unavailable = (retryAfter: number, cause?: unknown) =>
  new ApiError('provider_unavailable', 'The identity provider cannot be reached. Try again soon.', {
    retryAfter,
    cause,
  })

async function ask(url: string, { form, authorization }: Posting): Promise<Answer> {
  const response = await fetch(url, {
    method: form ? 'POST' : 'GET',
    headers: { accept: 'application/json', ...(authorization ? { authorization } : {}) },
    ...(form ? { body: form } : {}),
    redirect: 'manual',
    signal: AbortSignal.timeout(LIMIT_MS),
  })
  const { status, ok } = response
  if ((status >= 300 && status < 400) || status === 429 || status >= 500) {
    await response.body?.cancel()
    throw new Error(`${url} answers ${status}`)
  }
  const body = parse(await readText(response, url))
  if (ok && body === undefined) throw new Error(`${url} answers what is not JSON`)
  return { status, body }
}

/** Piece by piece: a length that is announced is not believed. */
async function readText({ body }: Response, url: string): Promise<string> {
  const utf8 = new TextDecoder()
  const reader = body?.getReader()
  let text = ''
  let bytes = 0
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true }
    if (!value || done) return text + utf8.decode()
    bytes += value.byteLength
    if (bytes > MAX_BYTES) {
      await reader?.cancel()
      throw new Error(`${url} answers more than ${MAX_BYTES} bytes`)
    }
    text += utf8.decode(value, { stream: true })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
