// What went wrong, in words: the API's problem+json, or no answer at all.
import { t } from './texts.ts'

export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | undefined

  constructor(
    message: string,
    about: { status: number; code: string; requestId?: string | undefined },
  ) {
    super(message)
    this.status = about.status
    this.code = about.code
    this.requestId = about.requestId
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name] // it is in there
    : undefined

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** An answer that is no success, read once. */
export async function toProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined)
  const code = textOf(fieldOf(body, 'code')) ?? `http_${response.status}`
  const requestId =
    textOf(fieldOf(body, 'request_id')) ?? response.headers.get('x-request-id') ?? undefined
  return new Problem(wordsFor(code, fieldOf(body, 'detail'), response.status), {
    status: response.status,
    code,
    requestId,
  })
}

/** Whatever was thrown, as a problem; undefined for what was given up on purpose. */
export function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof DOMException && error.name === 'AbortError') return undefined
  if (error instanceof TypeError)
    return new Problem(t.unreachable, { status: 0, code: 'unreachable' })
  return new Problem(t.unexpected, { status: 0, code: 'unexpected' })
}

function wordsFor(code: string, detail: unknown, status: number): string {
  const known = t.problems[code]
  if (known) return known
  if (Array.isArray(detail)) {
    const issues = detail.map((issue: unknown) => {
      const loc: unknown = fieldOf(issue, 'loc')
      const field = Array.isArray(loc) ? loc.filter((part) => part !== 'body').join('.') : ''
      return [field, textOf(fieldOf(issue, 'msg'))].filter(Boolean).join(': ')
    })
    return issues.join('. ')
  }
  return textOf(detail) ?? textOf(fieldOf(detail, 'message')) ?? t.answered(status)
}
