// Whether something is wrong that everybody should know of: suspected from answers to whatever is asked, found by looks
// at /health/ready, which are taken at the start and while something looks wrong, and at no other time.
import type { Readiness } from '../bodies.ts'
import { Problem, toProblem } from '../problem.ts'
import { storeOf } from '../store.ts'

/** `code` is one of the API's, else a verdict; `detail` what the service says of it. */
export type Trouble = {
  code: string
  detail?: string | undefined
  readiness?: Readiness | undefined
}

export const trouble = storeOf<Trouble | undefined>(undefined)

/** The database is read all the same, so that no look finds these. */
const ofWrites = ['database_full', 'database_read_only', 'database_blocked']
/** A Worker that was at head looks no oftener, and may say what was so before. */
const LOOKS_AGAIN_MS = 11_000
/** A refused write is spoken of for so long, unless another is done. */
const WRITES_MS = 120_000
const [SOON_MS, LATE_MS] = [2_000, 15_000]

let suspectedAt = 0
let looks = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** What `/health/ready` says; a Problem where that is not its word. */
export async function askReadiness(signal?: AbortSignal): Promise<Readiness> {
  const response = await fetch('/health/ready', { cache: 'no-store', signal: signal ?? null })
  const copy = response.clone()
  const body: Partial<Readiness> | null = await response.json().catch(() => null)
  if (typeof body?.verdict === 'string') return body as Readiness // src/health.ts writes it
  throw await toProblem(copy)
}

export const codeOf = ({ code, verdict }: Readiness): string => code ?? verdict

/** Looks now, and again while it is not well. */
export async function look(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  const began = Date.now()
  try {
    const readiness = await askReadiness()
    if (readiness.status === 'ready') found(undefined, began)
    else
      found({
        code: codeOf(readiness),
        detail: typeof readiness.detail === 'string' ? readiness.detail : undefined,
        readiness,
      })
  } catch (error) {
    if (error instanceof Problem && error.status < 500 && error.status > 0)
      return found(undefined, began)
    const isSaid = error instanceof Problem && error.code === 'misconfigured'
    found(isSaid ? { code: error.code, detail: error.message } : { code: 'unreachable' })
  }
}

function found(wrong: Trouble | undefined, began = 0): void {
  clearTimeout(timer)
  const known = trouble.get()
  const since = began - suspectedAt
  const isOfWrites = known !== undefined && ofWrites.includes(known.code)
  const lastsMs = isOfWrites ? WRITES_MS : LOOKS_AGAIN_MS
  const isDoubtful =
    wrong === undefined && known !== undefined && !known.readiness && since < lastsMs
  if (!isDoubtful) trouble.set(wrong)
  if (trouble.get() === undefined) looks = 0
  else timer = setTimeout(look, Math.min(LATE_MS, SOON_MS * 1.3 ** looks++))
}

/** What an answer to something else gives reason to think. */
export function suspect({ code, status }: { code: string; status: number }): void {
  const wrong = wrongBy(code, status)
  if (wrong === undefined) return
  suspectedAt = Date.now()
  const isNew = trouble.get() === undefined
  if (isNew || ofWrites.includes(wrong)) trouble.set({ code: wrong })
  if (isNew) look()
}

/** Undefined of what passes by itself, and of what is wrong with the request alone. */
function wrongBy(code: string, status: number): string | undefined {
  if (code === 'write_unknown') return 'database_unavailable'
  if (/^(database_(?!busy)|schema_|migration_|misconfigured|unreachable)/.test(code)) return code
  return code === `http_${status}` && status > 501 ? 'unreachable' : undefined
}

/** Something that needs the database was answered: what was only suspected is over, of writes by a write alone. */
export function reassure(isWrite: boolean): void {
  const known = trouble.get()
  if (!known || known.readiness || (ofWrites.includes(known.code) && !isWrite)) return
  clearTimeout(timer)
  looks = 0
  trouble.set(undefined)
}
