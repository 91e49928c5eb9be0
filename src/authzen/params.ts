// What callers may send, in the words of the standard: members that it does not know are passed over.
import * as v from 'valibot'
import { json, listOf, objectOf } from '../containers.ts'
import { cursor, text, Uuid } from '../fields.ts'

/** Evaluations of one request. */
export const MAX_EVALUATIONS = 100

const Word = text(255)
/** Longer than any name or id that somebody could have. */
const Id = text(1000)
/** Nothing here is decided by them. */
const ignored = v.nullish(json(10_000))
const EXAMPLE = '0f8fad5b-d9cb-469f-a165-70867728950e'

const Typed = objectOf({ type: Word, properties: ignored })
const Entity = objectOf({ type: Word, id: Id, properties: ignored })
const Named = objectOf({ name: Word, properties: ignored })

const whole = 'Input should be a whole number of at least 0'
const Page = objectOf({
  token: v.nullish(cursor(8000)),
  limit: v.nullish(v.pipe(v.number(whole), v.integer(whole), v.minValue(0, whole))),
})
export type Page = v.InferOutput<typeof Page>

const vera = { type: 'user', id: 'vera' }
const read = { name: 'Read' }
const flow = { type: 'flow', id: EXAMPLE }

const evaluation = { subject: Entity, action: Named, resource: Entity, context: ignored }
export const Evaluation = v.pipe(
  objectOf(evaluation),
  v.metadata({ examples: [{ subject: vera, action: read, resource: flow }] }),
)
export type Evaluation = v.InferOutput<typeof Evaluation>

/** Of a default any part may be left to the evaluations. */
const Part = v.optional(
  objectOf({ type: v.optional(Word), id: v.optional(Id), properties: ignored }),
)
export const Evaluations = v.pipe(
  objectOf({
    subject: Part,
    action: v.optional(objectOf({ name: v.optional(Word), properties: ignored })),
    resource: Part,
    context: ignored,
    /** Each is looked at by itself: a fault in one is its own. */
    evaluations: v.optional(listOf(MAX_EVALUATIONS, json(40_000))),
    options: v.optional(
      objectOf({
        evaluations_semantic: v.optional(
          v.picklist(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit']),
          'execute_all',
        ),
      }),
    ),
  }),
  v.metadata({
    examples: [
      { subject: vera, action: read, resource: flow, evaluations: [{ action: { name: 'Share' } }] },
    ],
  }),
)
export type Evaluations = v.InferOutput<typeof Evaluations>

export const SubjectSearch = v.pipe(
  objectOf({ ...evaluation, subject: Typed, page: v.nullish(Page) }),
  v.metadata({ examples: [{ subject: { type: 'user' }, action: read, resource: flow }] }),
)
export type SubjectSearch = v.InferOutput<typeof SubjectSearch>

export const ResourceSearch = v.pipe(
  objectOf({ ...evaluation, resource: Typed, page: v.nullish(Page) }),
  v.metadata({ examples: [{ subject: vera, action: read, resource: { type: 'flow' } }] }),
)
export type ResourceSearch = v.InferOutput<typeof ResourceSearch>

export const ActionSearch = v.pipe(
  objectOf({ subject: Entity, resource: Entity, context: ignored, page: v.nullish(Page) }),
  v.metadata({ examples: [{ subject: vera, resource: flow }] }),
)
export type ActionSearch = v.InferOutput<typeof ActionSearch>

/** 32 hex digits; undefined for what is no UUID in any spelling. */
export function toUuid(id: string): string | undefined {
  const read = v.safeParse(Uuid, id)
  return read.success ? read.output : undefined
}
