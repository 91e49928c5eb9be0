// What a directory may send. Names of attributes come in any case, and what is not kept is passed over, before it is
// looked at; each field that is kept has a maximum.
import type { Context, MiddlewareHandler } from 'hono'
import * as v from 'valibot'
import { json, listOf, objectOf } from '../containers.ts'
import { Bool, nameOf, text, Uuid, whole } from '../fields.ts'
import { described, parse, readJson } from '../params.ts'
import { type Attribute, groupAttributes, isObject, spelled, userAttributes } from './attributes.ts'

/** Resources of one answer. */
export const MAX_COUNT = 100
/** Members of one request: what fits into the largest body. */
export const MAX_MEMBERS = 5000
/** Operations of one PATCH. */
export const MAX_OPERATIONS = 1000
const MAX_EMAILS = 20

const Word = text(255)
export const ResourcePath = v.object({ id: Word })

const Names = v.optional(text(1000))
/** Which of the attributes are shown. */
export const Shown = v.object({ attributes: Names, excludedAttributes: Names })
export type Shown = v.InferOutput<typeof Shown>

const FAR = 1_000_000_000
export const Page = v.object({
  ...Shown.entries,
  filter: v.optional(text(2000)),
  startIndex: v.optional(whole(-FAR, FAR), '1'),
  count: v.optional(whole(-FAR, FAR), String(MAX_COUNT)),
})
export type Page = v.InferOutput<typeof Page>

const ExternalId = v.nullish(Word)
const flag = v.nullish(Bool)

/** A user, from a body or as a PATCH would leave them. */
export const User = v.pipe(
  objectOf({
    userName: nameOf('userName'),
    externalId: ExternalId,
    active: flag,
    displayName: v.nullish(Word),
    name: v.nullish(
      objectOf({
        formatted: v.nullish(text(500)),
        familyName: v.nullish(Word),
        givenName: v.nullish(Word),
      }),
    ),
    emails: v.nullish(
      listOf(
        MAX_EMAILS,
        objectOf({
          value: text(320),
          display: v.nullish(Word),
          type: v.nullish(text(50)),
          primary: flag,
        }),
      ),
    ),
  }),
  v.check(
    ({ emails }) => (emails ?? []).filter(({ primary }) => primary).length < 2,
    'Of the emails one may be primary',
  ),
  v.metadata({ examples: [{ userName: 'ada@example.com', externalId: '0a21f0f2', active: true }] }),
)
export type User = v.InferOutput<typeof User>

export const Members = listOf(MAX_MEMBERS, objectOf({ value: Uuid }))

const named = { displayName: nameOf('displayName'), externalId: ExternalId }
/** What a PATCH would leave of a group, apart from who is in it. */
export const GroupName = objectOf(named)
export type GroupName = v.InferOutput<typeof GroupName>
export const Group = v.pipe(
  objectOf({ ...named, members: v.nullish(Members) }),
  v.metadata({ examples: [{ displayName: 'Engineering', members: [] }] }),
)
export type Group = v.InferOutput<typeof Group>

const Operation = objectOf({
  op: v.pipe(
    text(20),
    v.transform((op) => op.toLowerCase()),
    v.picklist(['add', 'replace', 'remove'], 'op is add, replace or remove'),
  ),
  path: v.nullish(text(2000)),
  /** Anything at all: it is looked at where it goes. */
  value: v.optional(json(1_000_000)),
})
export const Patch = v.pipe(
  objectOf({ Operations: listOf(MAX_OPERATIONS, Operation) }),
  v.metadata({ examples: [{ Operations: [{ op: 'replace', value: { active: false } }] }] }),
)
/** `value` is any JSON. */
export type Operation = {
  op: 'add' | 'replace' | 'remove'
  path?: string | null | undefined
  value?: unknown
}

const resource = <S extends v.GenericSchema>(schema: S, attributes: readonly Attribute[]) =>
  taking(schema, (body) => spelled(attributes, body))
export const userBody = resource(User, userAttributes)
export const groupBody = resource(Group, groupAttributes)

/** The value of an operation may be anything, and travels beside the schema, which describes it as an object. */
export const patchBody = described('json', Patch, async (c, next) => {
  const body = await readJson(c)
  const sent = operationsOf(body)
  const bare = sent.map((one) => (isObject(one) ? { ...one, value: undefined } : one))
  const { Operations } = parse(Patch, { Operations: sentAsList(body) ? bare : undefined }, 'body')
  const whole = Operations.map(({ op, path }, n) => ({ op, path, value: givenOf(sent[n]) }))
  c.req.addValidatedData('json', { Operations: whole })
  await next()
})

const operationsOf = (body: unknown): unknown[] => sentAsList(body) ?? []

function sentAsList(body: unknown): unknown[] | undefined {
  if (!isObject(body)) return undefined
  const [, list] = Object.entries(body).find(([name]) => name.toLowerCase() === 'operations') ?? []
  return Array.isArray(list) ? list : undefined
}

const givenOf = (operation: unknown) => (isObject(operation) ? operation.value : undefined)

function taking<S extends v.GenericSchema>(schema: S, prepare: (body: unknown) => unknown) {
  return described('json', schema, async (c, next) => {
    c.req.addValidatedData('json', parse(schema, prepare(await readJson(c)), 'body') as object)
    await next()
  })
}

/** Which version the caller knows. */
const Known = v.object({
  'If-Match': v.optional(
    v.pipe(
      text(1000),
      v.description('The `meta.version` that the caller knows: 412 where it is another by now'),
    ),
  ),
})
const passed: MiddlewareHandler = (_, next) => next()
export const conditional = described('header', Known, passed)

/** What `If-Match` says; a longer one matches nothing. */
export const ifMatch = (c: Context) => c.req.header('if-match')?.slice(0, 1000)
