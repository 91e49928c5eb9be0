// The entities of the standard -> what flowgate knows. Whatever it does not know is undefined, which is no error.
import type { Place } from '../access/decision.ts'
import { type Action, actions } from '../access/subjects.ts'
import { keyOfTyped } from '../names.ts'
import { type Evaluation, toUuid } from './params.ts'

/** A user or a team by id, or a user by name. Nobody is known by a name that looks like an id. */
export type Subject = { kind: 'user' | 'team'; id: string } | { kind: 'user'; name: string }

/** Where a part is undefined, the answer is no. */
export type Question = {
  subject: Subject | undefined
  action: Action | undefined
  place: Place | undefined
}

type Entity = { type: string; id: string }

export function toSubject({ type, id }: Entity): Subject | undefined {
  if (type !== 'user' && type !== 'team') return undefined
  const uuid = toUuid(id)
  if (uuid !== undefined) return { kind: type, id: uuid }
  return type === 'user' ? { kind: 'user', name: id } : undefined
}

export const toAction = ({ name }: { name: string }): Action | undefined =>
  actions.find((action) => action.toLowerCase() === name.toLowerCase())

const scopes = { flow: 'Flow', project: 'Project' } as const
export const toScope = (type: string): Place['scope'] | undefined =>
  type === 'flow' || type === 'project' ? scopes[type] : undefined

export function toPlace({ type, id }: Entity): Place | undefined {
  const [scope, uuid] = [toScope(type), toUuid(id)]
  return scope && uuid !== undefined ? { scope, id: uuid } : undefined
}

export const toQuestion = ({ subject, action, resource }: Evaluation): Question => ({
  subject: toSubject(subject),
  action: toAction(action),
  place: toPlace(resource),
})

/** As asking.ts reads it: kind, id, name, and the key of the name. */
export const toStored = (subject: Subject | undefined): (string | null)[] => {
  if (!subject) return ['', null, null, null]
  if ('id' in subject) return [subject.kind, subject.id, null, null]
  return [subject.kind, null, subject.name, keyOfTyped(subject.name) ?? null]
}
