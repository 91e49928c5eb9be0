// What a PATCH may say, in the two types that it may have. As plain JSON a null asks for nothing: LangBuilder's front end
// sends `data: null` with a flow that it moves. As application/merge-patch+json (RFC 7396) a null clears, an object is
// merged into the one that is there, and what must have a value takes no null.
import type { Env, MiddlewareHandler } from 'hono'
import * as v from 'valibot'
import { objectOf, placesOf } from './containers.ts'
import { mergedInto } from './merge.ts'
import { parse, readJson, type Validator } from './params.ts'

export const MERGE_PATCH = 'application/merge-patch+json'

/** One field: how it comes in either type. */
type Field = { json: v.GenericSchema; merge: v.GenericSchema }
type Fields = Record<string, Field>
type Of<F extends Fields, T extends keyof Field> = { [K in keyof F]: F[K][T] }

const ignoringNull = <S extends v.GenericSchema>(schema: S) =>
  v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  )

/** It has a value, always. */
export const required = <S extends v.GenericSchema>(schema: S) => ({
  json: ignoringNull(schema),
  merge: v.optional(schema),
})

/** It may have none. */
export const clearable = <S extends v.GenericSchema>(schema: S) => ({
  json: ignoringNull(schema),
  merge: v.nullish(schema),
})

/** It may have none, and a null says so in either type. */
export const cleared = <S extends v.GenericSchema>(schema: S) => ({
  json: v.nullish(schema),
  merge: v.nullish(schema),
})

/** An object of at most `max` characters, which may be none. */
export const mergeable = <S extends v.GenericSchema>(schema: S, max: number) => ({
  json: ignoringNull(schema),
  merge: v.nullish(mergedInto(max)),
})

/** The two schemas of a PATCH with these fields; what is left out stays. */
export const patchOf = <F extends Fields>(fields: F) => ({
  json: objectOf(pick(fields, 'json')),
  merge: objectOf(pick(fields, 'merge')),
})

/** What a handler is given. */
export type PatchOf<P extends Field> = v.InferOutput<P['json']> | v.InferOutput<P['merge']>

const pick = <F extends Fields, T extends keyof Field>(fields: F, type: T) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field[type]])) as Of<F, T>

/** The JSON body of a PATCH, in either type. */
export function patch<J extends v.GenericSchema, M extends v.GenericSchema>(schemas: {
  json: J
  merge: M
}) {
  const validate: MiddlewareHandler = async (c, next) => {
    const type = c.req.header('content-type') ?? ''
    const isMerge = type.split(';')[0]?.trim().toLowerCase() === MERGE_PATCH
    const schema = isMerge ? schemas.merge : schemas.json
    // What is merged is written by the database, and no graph by itself.
    const value = await readJson(c, isMerge ? [] : placesOf(schema))
    c.req.addValidatedData('json', parse(schema, value, 'body') as object)
    await next()
  }
  type Input = {
    in: { json: v.InferInput<J> }
    out: { json: v.InferOutput<J> | v.InferOutput<M> }
  }
  const takes = { target: 'json', schema: schemas.json, merge: schemas.merge } satisfies Validator
  return Object.assign(validate as MiddlewareHandler<Env, string, Input>, takes)
}
