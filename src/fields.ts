// Fields of untrusted input, as the contract has them. Each has a maximum, which is looked at before anything
// that costs more than reading a length; what a long value costs is then known here and nowhere else.
import * as v from 'valibot'
import { cut, faultOfName, NAME_MAX, toName } from './names.ts'
import { parseTime } from './times.ts'

/** Messages by the type that LangBuilder's clients know them under. */
export const messages = {
  uuid_parsing: 'Input should be a valid UUID',
  bool_parsing: 'Input should be a valid boolean, unable to interpret input',
  int_parsing: 'Input should be a valid integer, unable to parse string as an integer',
  string_type: 'Input should be a valid string',
  list_type: 'Input should be a valid list',
  datetime_parsing: 'Input should be a valid datetime',
  dict_type: 'Input should be a valid dictionary',
  model_attributes_type: 'Input should be a valid dictionary or object to extract fields from',
  string_pattern_mismatch: "String should match pattern '^password$'",
} as const

/** Longer than any spelling of a UUID, a flag, a number or a time. */
const MAX_WORD = 100

/** A word of a known form: a longer one is not of that form, and needs no regular expression to say so. */
const word = (message: string) => v.pipe(v.string(message), v.maxLength(MAX_WORD, message))

/** Any spelling of a UUID (upper case, no dashes, braces, `urn:uuid:`) -> 32 lower-case hex digits. */
export const Uuid = v.pipe(
  word(messages.uuid_parsing),
  v.metadata({ format: 'uuid' }),
  v.transform((text) => text.toLowerCase().replace(/^urn:uuid:|[{}-]/g, '')),
  v.regex(/^[0-9a-f]{32}$/, messages.uuid_parsing),
)

/** true/false, 1/0, yes/no, on/off, t/f, y/n in any case. */
export const Flag = v.pipe(
  word(messages.bool_parsing),
  v.metadata({ type: 'boolean' }),
  v.transform(toFlag),
  v.boolean(messages.bool_parsing),
)

function toFlag(text: string): boolean | undefined {
  if (/^(true|1|yes|on|t|y)$/i.test(text)) return true
  return /^(false|0|no|off|f|n)$/i.test(text) ? false : undefined
}

/** A whole number in a query string, within [min, max]. */
export const whole = (min: number, max: number) =>
  v.pipe(
    word(messages.int_parsing),
    v.metadata({ type: 'integer', minimum: min, maximum: max }),
    v.regex(/^[+-]?\d+$/, messages.int_parsing),
    v.transform(Number),
    v.minValue(min, `Input should be greater than or equal to ${min}`),
    v.maxValue(max, `Input should be less than or equal to ${max}`),
  )

/** Some of these words, separated by commas. */
export function choices<const T extends string>(...known: [T, ...T[]]) {
  const message = `Input should be ${known.map((one) => `'${one}'`).join(' or ')}, several separated by commas`
  const one = `(${known.join('|')})`
  return v.pipe(
    word(message),
    v.metadata({ pattern: `^${one}(,${one})*$`, examples: [known[0]] }),
    v.transform((text) => text.split(',')),
    v.check((list) => list.every((one) => known.includes(one as T)), message),
    v.transform((list) => list as T[]), // each was looked at
  )
}

export const tooLong = (max: number) => `String should have at most ${max} characters`

/** Text of at most `max` UTF-16 units that SQLite keeps whole: without NUL and lone surrogates. */
export const text = (max: number, message = tooLong(max)) =>
  v.pipe(
    v.string(messages.string_type),
    v.maxLength(max, message),
    v.check(
      (text) => !text.includes('\0') && text.isWellFormed(),
      'Text must not contain NUL or lone surrogates',
    ),
  )

/** Text of at most `max` UTF-16 units that is kept as far as `kept` of them go, without what `text` refuses. */
export const cutText = (max: number, kept: number) =>
  v.pipe(
    v.string(messages.string_type),
    v.maxLength(max, tooLong(max)),
    v.transform((text) => cut(text.replaceAll('\0', '').toWellFormed(), kept)),
  )

/** A position that we gave out, and judge by its signature. */
export const cursor = (max: number) => v.pipe(v.string(), v.maxLength(max, tooLong(max)))

/** A name of somebody or of a role, as it is stored. Its length is measured before anything is done to it. */
export const nameOf = (what: string, max = NAME_MAX) =>
  v.pipe(
    text(max, `${what} must have at most ${max} characters`),
    v.transform(toName),
    v.rawCheck(({ dataset, addIssue }) => {
      const fault = dataset.typed ? faultOfName(dataset.value) : undefined
      if (fault) addIssue({ message: `${what} ${fault}` })
    }),
  )

/** ISO 8601 with or without an offset (then UTC) -> as stored. A date that does not exist is refused. */
export const Time = v.pipe(
  word(messages.datetime_parsing),
  v.metadata({ format: 'date-time' }),
  v.transform(parseTime),
  v.string(messages.datetime_parsing),
)

const boolean = v.boolean(messages.bool_parsing)

/** A flag in JSON: as in a query, or as it should be. */
export const Bool: typeof boolean = {
  ...boolean,
  '~run': (dataset, config) => boolean['~run']({ value: toBool(dataset.value) }, config),
}

function toBool(value: unknown): unknown {
  if (value === 0 || value === 1) return value === 1
  return typeof value === 'string' && value.length <= MAX_WORD ? toFlag(value) : value
}

/** An issue of this is answered as its message alone, not in a list: so LangBuilder's clients know it. */
export const alone = <A extends object>(action: A) => ({ ...action, type: 'alone' as const })
