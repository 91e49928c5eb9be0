// What holds fields of untrusted input: objects, lists, JSON, graphs. How much they hold is looked at before what it is.
import * as v from 'valibot'
import { messages } from './fields.ts'
import { Graph } from './graph.ts'

/** Faults that a 422 names. The rest of a million bad items is not looked at. */
export const MAX_ISSUES = 20

/** An object with these fields: to valibot a list is one too. */
export function objectOf<E extends v.ObjectEntries>(entries: E) {
  const object = v.object(entries, messages.dict_type)
  const strict: typeof object = {
    ...object,
    '~run': (dataset, config) =>
      object['~run'](Array.isArray(dataset.value) ? { value: undefined } : dataset, config),
  }
  return strict
}

/** At most `max` items: their number is looked at before any of them, and they only until enough are at fault. */
export function listOf<S extends v.GenericSchema>(max: number, item: S) {
  const list = v.array(item, messages.list_type)
  const bounded: typeof list = {
    ...list,
    '~run'(dataset, config) {
      const { value } = dataset
      if (!Array.isArray(value)) return list['~run'](dataset, config)
      // The length is refused by what comes next in the pipe.
      return (value.length > max ? { typed: true, value } : runItems(value, item, config)) as never // a list of items
    },
  }
  return v.pipe(bounded, v.maxLength(max, `List should have at most ${max} items`))
}

/** As `v.array` does it, but it stops at the issues that are shown. */
function runItems(
  input: unknown[],
  item: v.GenericSchema,
  config: v.Config<v.BaseIssue<unknown>>,
): v.OutputDataset<unknown[], v.BaseIssue<unknown>> {
  const value: unknown[] = []
  const issues: v.BaseIssue<unknown>[] = []
  for (const [key, one] of input.entries()) {
    const result = item['~run']({ value: one }, config)
    for (const issue of result.issues ?? []) {
      const step = { type: 'array', origin: 'value', input, key, value: one } as const
      issues.push({ ...issue, path: [step, ...(issue.path ?? [])] })
    }
    if (issues.length >= MAX_ISSUES) break
    value.push(result.value)
  }
  const [first, ...rest] = issues
  return first ? { typed: false, value, issues: [first, ...rest] } : { typed: true, value }
}

/** A JSON object of at most `max` characters as text. Its members are not looked at one by one. */
export function json(max: number) {
  const record = v.record(v.string(), v.unknown(), messages.dict_type)
  const whole: typeof record = {
    ...record,
    '~run': (dataset, config) =>
      isObject(dataset.value)
        ? ({ typed: true, value: dataset.value } as const)
        : record['~run']({ value: undefined }, config),
  }
  return v.pipe(
    whole,
    v.metadata({ maxCharacters: max }),
    v.check(
      (value) => JSON.stringify(value).length <= max,
      `Input should have at most ${max} characters as JSON`,
    ),
  )
}

/** The graph of a flow, of at most `max` characters: see graph.ts. */
export function graph(max: number) {
  const record = v.record(v.string(), v.unknown(), messages.dict_type)
  const asText: typeof record = {
    ...record,
    '~run': (dataset, config) =>
      dataset.value instanceof Graph
        ? ({ typed: true, value: dataset.value } as never) // which the last step says
        : record['~run']({ value: isContainer(dataset.value) ? 0 : dataset.value }, config),
  }
  return v.pipe(
    asText,
    v.metadata({ maxCharacters: max, isGraph: true }),
    v.transform((value) => value as unknown as Graph),
    v.check(
      (graph) => graph.text.length <= max,
      `Input should have at most ${max} characters as JSON`,
    ),
    v.check((graph) => graph.isEmpty || graph.hasNodes, 'Flow must have nodes'),
    v.check((graph) => graph.isEmpty || graph.hasEdges, 'Flow must have edges'),
  )
}

/** A list, or an object that was not read as a graph: neither is one. */
const isContainer = (value: unknown) => typeof value === 'object' && value !== null

/** Where the graphs are in what a schema takes. */
export function placesOf(schema: unknown): string[][] {
  const part = schema as Part
  if (part.pipe?.some(({ metadata }) => metadata?.isGraph)) return [[]]
  const inner = (step: string, one: unknown) => placesOf(one).map((place) => [step, ...place])
  if (part.entries) return Object.entries(part.entries).flatMap(([key, one]) => inner(key, one))
  if (part.item) return inner('*', part.item)
  return part.wrapped ? placesOf(part.wrapped) : []
}

/** What a schema of valibot is made of, as far as that goes. */
type Part = {
  pipe?: readonly { metadata?: { isGraph?: boolean } }[]
  entries?: Record<string, unknown>
  item?: unknown
  wrapped?: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
