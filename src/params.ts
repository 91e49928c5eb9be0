// Untrusted input: path, query and bodies by their schemas, and the one way a failed parse becomes a 422 that
// names the field.
import type { Context, Env, MiddlewareHandler, ValidationTargets } from 'hono'
import { validator } from 'hono/validator'
import * as v from 'valibot'
import { MAX_ISSUES, placesOf } from './containers.ts'
import { ApiError, type FieldIssue } from './errors.ts'
import { messages } from './fields.ts'
import { type Place, parseWithGraphs } from './graph.ts'
import { measure } from './outline.ts'

/** A validator of hono's with the schema it goes by, which the API description reads. */
export type Validator = {
  target: keyof ValidationTargets
  schema: v.GenericSchema
  /** That of the same body as a merge patch. */
  merge?: v.GenericSchema
}

/** The path's ids, all of them UUIDs. */
export const path = <S extends v.GenericSchema>(schema: S) =>
  taking('param', schema, (value) => parse(schema, value, 'path'))

/** The query string; a parameter given twice is a list, or counts with its last value. */
export const query = <S extends v.GenericSchema>(schema: S) => {
  const lists = listsOf(schema)
  return taking('query', schema, (value) => {
    const given = Object.entries(value).map(([key, sent]) => {
      const all = [sent].flat()
      return [key, lists.includes(key) ? all : all.at(-1)]
    })
    return parse(schema, Object.fromEntries(given), 'query')
  })
}

/** The fields of the schema that are lists. */
function listsOf(schema: unknown): string[] {
  const { entries = {} } = schema as { entries?: Record<string, unknown> } // of valibot's, if it is an object's
  return Object.keys(entries).filter((name) => isList(entries[name]))
}

function isList(schema: unknown): boolean {
  const { item, wrapped } = schema as { item?: unknown; wrapped?: unknown }
  return item !== undefined || (wrapped !== undefined && isList(wrapped))
}

/** A JSON body. It is measured as text, before it becomes values. */
export const body = <S extends v.GenericSchema>(schema: S) =>
  described('json', schema, async (c, next) => {
    c.req.addValidatedData(
      'json',
      parse(schema, await readJson(c, placesOf(schema)), 'body') as object,
    )
    await next()
  })

/**
 * What was sent as JSON, which is said by its type or by none, with graphs as text in these places. Throws the
 * contract's 422 for anything else.
 */
export async function readJson(c: Context, places: readonly Place[] = []): Promise<unknown> {
  const text = decode(await c.req.arrayBuffer())
  if (text === undefined) throw malformedBody(NO_UTF8)
  if (text === '') throw invalid([{ type: 'missing', loc: ['body'], msg: 'Field required' }])
  const type = c.req.header('content-type')
  // What it holds is not known: a password, maybe. So it is not said again.
  if (type && !/^application\/([\w.-]+\+)?json *(;|$)/i.test(type))
    throw invalid([
      { type: 'model_attributes_type', loc: ['body'], msg: messages.model_attributes_type },
    ])
  const value = parseJson(text, places)
  if (value === undefined) throw malformedBody()
  return value
}

/** An urlencoded form. */
export const form = <S extends v.GenericSchema>(schema: S) =>
  taking('form', schema, (value) => parse(schema, value, 'body'))

const taking = <T extends keyof ValidationTargets, S extends v.GenericSchema>(
  target: T,
  schema: S,
  parse: (value: ValidationTargets[T]) => unknown,
) => described(target, schema, validator(target, parse as never) as unknown as MiddlewareHandler)

/** Types what a validator leaves behind by its schema, which knows both what goes in and what comes out. */
export function described<T extends keyof ValidationTargets, S extends v.GenericSchema>(
  target: T,
  schema: S,
  validate: MiddlewareHandler,
) {
  const typed = validate as MiddlewareHandler<
    Env,
    string,
    { in: { [K in T]: v.InferInput<S> }; out: { [K in T]: v.InferOutput<S> } }
  >
  return Object.assign(typed, { target, schema } satisfies Validator)
}

/** What is wrong with bytes that are not UTF-8: to read them as if they were would be to change them. */
export const NO_UTF8 = 'it must be UTF-8'

/** Bytes -> text without its mark of byte order; undefined for what is not UTF-8. */
export function decode(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Beyond this depth, whoever writes the value out again runs out of stack; SQLite itself ends at 1000. */
const MAX_DEPTH = 500

/** A graph of 4 MB has a third of it. A million empty objects would take 100 MB, of the 128 that an isolate has. */
const MAX_VALUES = 400_000

/**
 * The value of a JSON text, with graphs as text in these places; undefined if it is not JSON, or nested too
 * deeply. Both that and how many values there are is seen before it is read. Throws 413 for too many.
 */
export function parseJson(text: string, places: readonly Place[] = []): unknown {
  const { depth, values } = measure(text, { depth: MAX_DEPTH, values: MAX_VALUES })
  if (values > MAX_VALUES)
    throw new ApiError('too_large', `JSON must not have more than ${MAX_VALUES} values`)
  if (depth > MAX_DEPTH) return undefined
  try {
    return parseWithGraphs(text, places, values)
  } catch {
    return undefined
  }
}

/** Untrusted value -> typed. Throws the 422 that names each field at fault. */
export function parse<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  where: string | readonly string[],
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortPipeEarly: true })
  if (result.success) return result.output
  const alone = result.issues.find((issue) => issue.type === 'alone')
  if (alone) throw new ApiError('invalid', alone.message)
  throw invalid(
    result.issues.slice(0, MAX_ISSUES).map((issue) => toFieldIssue(issue, value, where)),
  )
}

/** The 422 of the contract. */
export const invalid = (issues: FieldIssue[]) => new ApiError('invalid', issues)

/** What the parsers of hono refuse before a schema sees it: a body that is not JSON, or not a form. */
export const malformedBody = (why?: string) =>
  invalid([
    { type: 'json_invalid', loc: ['body'], msg: `JSON decode error${why ? `: ${why}` : ''}` },
  ])

/** The issue with what was sent, which a transform on the way may have made something else of. */
function toFieldIssue(
  issue: v.BaseIssue<unknown>,
  value: unknown,
  where: string | readonly string[],
): FieldIssue {
  const steps = (issue.path ?? []).map((step) => step.key as string | number)
  const loc = [...[where].flat(), ...steps]
  const sent = steps.reduce<unknown>(
    (one, step) => (one as Record<string | number, unknown> | undefined)?.[step],
    value,
  )
  if (sent === undefined) return { type: 'missing', loc, msg: 'Field required' }
  const known = Object.entries(messages).find(([, message]) => message === issue.message)
  const bound = {
    min_value: 'greater_than_equal',
    max_value: 'less_than_equal',
    boolean: 'bool_type',
  }[issue.type]
  const type = known?.[0] ?? bound ?? 'value_error'
  // A message of valibot's own ends with what was sent.
  const msg = issue.message.replace(` but received ${issue.received}`, '')
  const said = { type, loc, msg }
  return isPlain(sent, loc) ? { ...said, input: echo(sent) } : said
}

/** What was sent, unless it is large: a text alone, for what is more than that may hold anything. */
function echo(input: unknown): unknown {
  if (typeof input !== 'string') return input
  return input.length > 200 ? `${input.slice(0, 200)}...` : input
}

/** What stands in such a field, or may be one by its name, is not said again, nor what holds it. */
const secretive = /pass|secret|token|key|credential|auth|cursor|^data$|optins/i
const isPlain = (sent: unknown, loc: (string | number)[]) =>
  loc.length > 1 &&
  (typeof sent !== 'object' || sent === null) &&
  !loc.some((step) => secretive.test(String(step)))
