// Untrusted input: the field types that the contract uses everywhere, and the one way a failed parse
// becomes a 422 that names the field.
import type { Context, Env, MiddlewareHandler, ValidationTargets } from 'hono'
import { validator } from 'hono/validator'
import * as v from 'valibot'
import { ApiError, type FieldIssue } from './errors.ts'
import { faultOfName, NAME_MAX, toName } from './names.ts'

/** Messages by the type that LangBuilder's clients know them under. */
const messages = {
  uuid_parsing: 'Input should be a valid UUID',
  bool_parsing: 'Input should be a valid boolean, unable to interpret input',
  int_parsing: 'Input should be a valid integer, unable to parse string as an integer',
  string_type: 'Input should be a valid string',
  list_type: 'Input should be a valid list',
  datetime_parsing: 'Input should be a valid datetime',
  dict_type: 'Input should be a valid dictionary',
} as const

/** Any spelling of a UUID (upper case, no dashes, braces, `urn:uuid:`) -> 32 lower-case hex digits. */
export const Uuid = v.pipe(
  v.string(messages.uuid_parsing),
  v.metadata({ format: 'uuid' }),
  v.transform((text) => text.toLowerCase().replace(/^urn:uuid:|[{}-]/g, '')),
  v.regex(/^[0-9a-f]{32}$/, messages.uuid_parsing),
)

/** true/false, 1/0, yes/no, on/off, t/f, y/n in any case. */
export const Flag = v.pipe(
  v.string(messages.bool_parsing),
  v.metadata({ type: 'boolean' }),
  v.regex(/^(true|false|1|0|yes|no|on|off|t|f|y|n)$/i, messages.bool_parsing),
  v.transform((text) => /^(true|1|yes|on|t|y)$/i.test(text)),
)

/** A whole number in a query string, within [min, max]. */
export const whole = (min: number, max: number) =>
  v.pipe(
    v.string(messages.int_parsing),
    v.metadata({ type: 'integer', minimum: min, maximum: max }),
    v.regex(/^[+-]?\d+$/, messages.int_parsing),
    v.transform(Number),
    v.minValue(min, `Input should be greater than or equal to ${min}`),
    v.maxValue(max, `Input should be less than or equal to ${max}`),
  )

/** Text that SQLite keeps whole: without NUL and lone surrogates. */
export const Text = v.pipe(
  v.string(messages.string_type),
  v.check(
    (text) => !text.includes('\0') && text.isWellFormed(),
    'Text must not contain NUL or lone surrogates',
  ),
)

/** A name of somebody or of a role, as it is stored. Its length is measured before anything is done to it. */
export const nameOf = (what: string, max = NAME_MAX) =>
  v.pipe(
    Text,
    v.maxLength(max, `${what} must have at most ${max} characters`),
    v.transform(toName),
    v.rawCheck(({ dataset, addIssue }) => {
      const fault = dataset.typed ? faultOfName(dataset.value) : undefined
      if (fault) addIssue({ message: `${what} ${fault}` })
    }),
  )

/** ISO 8601 with or without an offset (then UTC) -> as stored: `YYYY-MM-DD HH:MM:SS.ffffff`, UTC. */
export const Time = v.pipe(
  v.string(messages.datetime_parsing),
  v.metadata({ format: 'date-time' }),
  v.regex(
    /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i,
    messages.datetime_parsing,
  ),
  v.transform((text) => {
    const hasOffset = /(Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10))
    return new Date(text.replace(' ', 'T') + (hasOffset || text.length === 10 ? '' : 'Z'))
  }),
  // Outside of these years the text would be longer, and sort wrong.
  v.check((time) => /^\d{1,4}$/.test(String(time.getUTCFullYear())), messages.datetime_parsing),
  v.transform((time) => time.toISOString().replace('T', ' ').replace('Z', '000')),
)
export const Bool = v.boolean('Input should be a valid boolean')
export const listOf = <S extends v.GenericSchema>(item: S) => v.array(item, messages.list_type)
export const Json = v.record(v.string(), v.unknown(), messages.dict_type)

/** A validator of hono's with the schema it goes by, which the API description reads. */
export type Takes = { target: keyof ValidationTargets; schema: v.GenericSchema }

/** The path's ids, all of them UUIDs. */
export const path = <S extends v.GenericSchema>(schema: S) =>
  taking('param', schema, (value) => parse(schema, value, 'path'))

/** The query string; a parameter given twice counts with its last value. */
export const query = <S extends v.GenericSchema>(schema: S) =>
  taking('query', schema, (value) => {
    const last = Object.entries(value).map(([key, text]) => [
      key,
      Array.isArray(text) ? text.at(-1) : text,
    ])
    return parse(schema, Object.fromEntries(last), 'query')
  })

/** A JSON body. */
export const body = <S extends v.GenericSchema>(schema: S) =>
  taking('json', schema, async (value, c) => {
    if ((await c.req.text()) === '')
      throw invalid([{ type: 'missing', loc: ['body'], msg: 'Field required' }])
    if (isTooDeep(value)) throw malformedBody()
    // To valibot a list is an object too.
    if (schema.type === 'object' && Array.isArray(value)) {
      throw invalid([{ type: 'dict_type', loc: ['body'], msg: messages.dict_type }])
    }
    return parse(schema, value, 'body')
  })

/** An urlencoded form. */
export const form = <S extends v.GenericSchema>(schema: S) =>
  taking('form', schema, (value) => parse(schema, value, 'body'))

function taking<T extends keyof ValidationTargets, S extends v.GenericSchema>(
  target: T,
  schema: S,
  parse: (value: ValidationTargets[T], c: Context) => unknown,
) {
  // hono infers one type for what goes in and what comes out; the schema knows both.
  const typed = validator(target, parse as never) as unknown as MiddlewareHandler<
    Env,
    string,
    { in: { [K in T]: v.InferInput<S> }; out: { [K in T]: v.InferOutput<S> } }
  >
  return Object.assign(typed, { target, schema } satisfies Takes)
}

/** Beyond this depth, whoever writes the value out again runs out of stack; SQLite itself ends at 1000. */
const MAX_DEPTH = 500

function isTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    level = level.flatMap((v) => (v !== null && typeof v === 'object' ? Object.values(v) : []))
  }
  return false
}

/** The value of a JSON text; undefined if it is none or nested too deeply. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isTooDeep(value) ? undefined : value
  } catch {
    return undefined
  }
}

/** Untrusted value -> typed. Throws the 422 that names each field at fault. */
export function parse<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  where: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw invalid(result.issues.map((issue) => toFieldIssue(issue, where)))
}

/** The 422 of the contract. */
export const invalid = (issues: FieldIssue[]) => new ApiError('invalid', issues)

/** What the parsers of hono refuse before a schema sees it: a body that is no JSON or no form. */
export const malformedBody = () =>
  invalid([{ type: 'json_invalid', loc: ['body'], msg: 'JSON decode error' }])

function toFieldIssue(issue: v.BaseIssue<unknown>, where: string): FieldIssue {
  const loc = [where, ...(issue.path ?? []).map((step) => step.key as string | number)]
  if (issue.input === undefined) return { type: 'missing', loc, msg: 'Field required' }
  const known = Object.entries(messages).find(([, message]) => message === issue.message)
  const bound = {
    min_value: 'greater_than_equal',
    max_value: 'less_than_equal',
    boolean: 'bool_type',
  }[issue.type]
  const type = known?.[0] ?? bound ?? 'value_error'
  return { type, loc, msg: issue.message, input: echo(issue.input) }
}

/** What was sent, unless it is large. */
function echo(input: unknown): unknown {
  const text = JSON.stringify(input) ?? 'null'
  return text.length > 200 ? `${text.slice(0, 200)}...` : input
}
