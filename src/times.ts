// Times, in whatever spelling they come, a caller's or another application's: read as the moment that they mean,
// stored in one form and said in UTC.

const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?)?$/i

/**
 * ISO 8601 with or without an offset (then it is UTC) -> as stored: `2026-01-31 12:00:00.123456`, UTC. Undefined for
 * what is not one, for a date that does not exist (30 February, 24:61) and for years that would sort wrong.
 */
export function parseTime(text: string): string | undefined {
  const [, date, clock = '00:00', seconds = '00', fraction, sign, hours, minutes] =
    ISO.exec(text) ?? []
  if (date === undefined || Number(hours ?? 0) > 23 || Number(minutes ?? 0) > 59) return undefined
  const named = `${date}T${clock}:${seconds}`
  const time = new Date(`${named}Z`)
  // The 30th of February has become the 1st of March.
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(named)) return undefined
  const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  time.setUTCMinutes(time.getUTCMinutes() - (sign === '-' ? -offset : offset))
  return write(time, fraction)
}

/** Numbers count from 1970: seconds, or what is smaller where those would lie in the far future. */
function fromEpoch(number: number): string | undefined {
  const perSecond = [1, 1e3, 1e6, 1e9].find((units) => Math.abs(number) < 1e11 * units)
  return perSecond === undefined
    ? undefined
    : write(new Date(Math.round((number / perSecond) * 1000)))
}

function write(time: Date, fraction?: string): string | undefined {
  const year = time.getUTCFullYear()
  if (!(year >= 1 && year <= 9999)) return undefined
  const [whole, milliseconds = ''] = time.toISOString().replace('T', ' ').split(/[.Z]/)
  return `${whole}.${(fraction ?? milliseconds).slice(0, 6).padEnd(6, '0')}`
}

/** What is stored for a time, in our own form; undefined where it names no moment. */
function momentOf(stored: unknown): string | undefined {
  const text = String(stored)
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? fromEpoch(Number(text)) : parseTime(text)
}

/** Stored time -> `2026-01-31T12:00:00.123456+00:00`; null for none and for what names no moment. */
export const toTime = (stored: unknown): string | null => {
  const moment = momentOf(stored)
  return moment === undefined ? null : `${moment.replace(' ', 'T')}+00:00`
}

/** The same, cut to the second. */
export const toSecond = (stored: unknown): string | null =>
  toTime(stored)?.replace(/\.\d+/, '') ?? null
