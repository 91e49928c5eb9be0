// The three searches, page by page. A token stands for a position, and belongs to its caller and to what was asked.
import { bindingOf, readCursor, toCursor } from '../access/cursor.ts'
import { actions } from '../access/subjects.ts'
import { dashed } from '../db/values.ts'
import type { Open } from '../env.ts'
import {
  bindingOfFlows,
  type Position,
  readFlowCursor,
  toFlowCursor,
} from '../flows/listing/cursor.ts'
import type { Asker } from './asking.ts'
import { decide } from './decide.ts'
import type { ActionSearch, Page, ResourceSearch, SubjectSearch } from './params.ts'
import { type Question, toAction, toPlace, toScope, toSubject } from './questions.ts'
import { flowsFor, readFlows, readProjects } from './resource-search.ts'
import { type At, lookAtSubjects, START } from './subject-search.ts'

type Secrets = Open['Variables']['env']
type Entity = { type: string; id: string | null }
export type Found = {
  page: { next_token: string; count: number; total?: number }
  results: Entity[]
}

/** Before every flow: the largest there is. */
const first: Position = { back: false, key: ['blob', 'ff'], id: '' }

/** What a page has where nothing else is asked for, and at most. */
const [USUAL, MOST] = [50, 100]

/** How many are shown, and how many are looked for: nothing comes of nothing, but whether there is more. */
function sizeOf(page: Page | null | undefined) {
  const shown = Math.min(page?.limit ?? USUAL, MOST)
  return { shown, sought: Math.max(shown, 1) }
}

const answer = (results: Entity[], next_token: string, total?: number): Found => ({
  page: { next_token, count: results.length, ...(total === undefined ? {} : { total }) },
  results,
})

/** Throws 403 for whoever may not ask about all, 400 for a token of another search. */
export async function searchSubjects(
  asker: Asker,
  { subject, action, resource, page }: SubjectSearch,
  secrets: Secrets,
): Promise<Found> {
  const { type } = subject
  const question = { action: toAction(action), place: toPlace(resource) }
  const binding = bindingOf(asker.ask, 'subjects 1', [type, question])
  const token = page?.token
  const from = token ? ((await readCursor(token, binding, secrets)) as At) : START // made below
  const { shown, sought } = sizeOf(page)
  const count = 2 * sought
  const looked = await lookAtSubjects(asker, toKnown(type, question), from, count)
  const able = looked.filter((one) => one.shown)
  const taken = able.slice(0, shown)
  const isMore = able.length > shown || looked.length === count
  const last = able.length > shown ? taken.at(-1) : looked.at(-1)
  const next: At = last ? [last.kind, last.place, last.member] : from
  return answer(
    taken.map(({ id }) => ({ type, id: dashed(id) })),
    isMore ? await toCursor(next, binding, secrets) : '',
  )
}

/** Where something is not known, nobody is found: by asking about nothing that is there, for the caller is judged all the same. */
function toKnown(type: string, { action, place }: Pick<Question, 'action' | 'place'>) {
  const kinds = ['user', 'team'] as const
  const kind = kinds.find((one) => one === type)
  if (kind && action && place) return { kind, action, place }
  return { kind: 'user', action: 'Read', place: { scope: 'Flow', id: '' } } as const
}

/** The same about resources, with their number. Throws 403 where the subject is not for the caller to ask about. */
export async function searchResources(
  asker: Asker,
  { subject: named, action: does, resource, page }: ResourceSearch,
  secrets: Secrets,
): Promise<Found> {
  const [subject, action, scope] = [toSubject(named), toAction(does), toScope(resource.type)]
  const { shown, sought } = sizeOf(page)
  const token = page?.token
  const toResults = (ids: unknown[]) =>
    ids.slice(0, shown).map((id) => ({ type: resource.type, id: dashed(id) }))
  if (!subject || !action || !scope) {
    await decide(asker, [{ subject, action, place: undefined }]) // who may ask is judged all the same
    return answer([], '', 0)
  }
  if (scope === 'Flow') {
    const listing = { ...flowsFor(action), action }
    const binding = bindingOfFlows(asker.ask, [subject, listing])
    const from = token ? await readFlowCursor(token, binding, secrets) : undefined
    const { rows, total, next } = await readFlows(asker, subject, listing, {
      from,
      take: sought,
      total: true,
    })
    const position = shown === 0 && rows.length > 0 ? (from ?? first) : next
    const more = position ? await toFlowCursor(position, binding, secrets) : ''
    return answer(toResults(rows.map(({ id }) => id)), more, total)
  }
  const binding = bindingOf(asker.ask, 'projects 1', [subject, action])
  const after = token ? String(await readCursor(token, binding, secrets)) : ''
  const { ids, total } = await readProjects(asker, subject, action, { after, take: sought + 1 })
  const results = toResults(ids)
  const end = shown === 0 ? after : ids[shown - 1]
  return answer(results, ids.length > shown ? await toCursor(end, binding, secrets) : '', total)
}

/** What the subject may do there, of all that there is. */
export async function searchActions(
  asker: Asker,
  { subject, resource }: ActionSearch,
): Promise<{ results: { name: string }[] }> {
  const [who, place] = [toSubject(subject), toPlace(resource)]
  const asked = actions.map((action) => ({ subject: who, action, place }))
  const decisions = await decide(asker, asked)
  return { results: actions.filter((_, n) => decisions[n]?.decision).map((name) => ({ name })) }
}
