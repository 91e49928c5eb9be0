// PATCH, applied to a resource as it is: operations as Entra ID and Okta send them. What comes out is judged as a body is.
// Pure.
import {
  type Attribute,
  findAttribute,
  isObject,
  listOfValues,
  type Raw,
  spelledValue,
} from './attributes.ts'
import { type Comparison, type Path, parsePath } from './filter.ts'
import type { Operation } from './params.ts'
import { Refusal } from './protocol.ts'

/** One change of one attribute. */
export type Step = {
  readonly op: Operation['op']
  readonly attribute: Attribute
  readonly path: Path
  readonly value: unknown
}

/** An operation as steps. What is not kept is passed over; without a path, so is what nobody may change. */
export function stepsOf(attributes: readonly Attribute[], operation: Operation): Step[] {
  const { op, path, value } = operation
  if (path) return toStep(attributes, op, path, value, true)
  if (op === 'remove') throw new Refusal('noTarget', 'remove takes a path')
  if (!isObject(value))
    throw new Refusal('invalidValue', `${op} without a path takes an object of attributes`)
  return Object.entries(value).flatMap(([name, one]) => toStep(attributes, op, name, one, false))
}

function toStep(
  attributes: readonly Attribute[],
  op: Operation['op'],
  text: string,
  value: unknown,
  isNamed: boolean,
): Step[] {
  const path = parsePath(text)
  const attribute = findAttribute(attributes, path.attribute)
  if (!attribute || attribute.name === 'schemas') return []
  if (attribute.mutability === 'readOnly') {
    if (isNamed)
      throw new Refusal('mutability', `${attribute.name} is not the directory's to change`)
    return []
  }
  if (path.filter.length > 0 && !attribute.multiValued)
    throw new Refusal('invalidPath', `${attribute.name} has one value, and nothing to choose from`)
  return [{ op, attribute, path, value }]
}

/** Changes the resource. */
export function apply(resource: Raw, step: Step): void {
  const { attribute, path } = step
  if (attribute.multiValued) {
    const items = listOfValues(resource[attribute.name]).filter(isObject)
    resource[attribute.name] =
      path.filter.length > 0 || path.sub ? inItems(items, step) : withAll(items, step)
  } else if (path.sub) {
    const whole = resource[attribute.name]
    resource[attribute.name] = changed(isObject(whole) ? whole : {}, step)
  } else resource[attribute.name] = single(resource[attribute.name], step)
}

function single(current: unknown, { op, attribute, value }: Step): unknown {
  if (op === 'remove') return null
  const given = spelledValue(attribute, value)
  return isObject(current) && isObject(given) ? { ...current, ...given } : given
}

/** All values of an attribute: more of them, others, or without these. */
function withAll(items: Raw[], { op, attribute, value }: Step): Raw[] {
  const given = spelledValue(attribute, value) as Raw[] // of an attribute with several values
  if (op === 'remove')
    return value === undefined || value === null
      ? []
      : items.filter((item) => !given.some((one) => isObject(one) && one.value === item.value))
  if (op === 'replace') return given
  const isNew = (one: Raw) => !items.some((item) => isSame(item, one))
  return onePrimary([...items, ...given.filter(isNew)], given)
}

const isSame = (item: Raw, one: unknown) =>
  isObject(one) && item.value === one.value && item.type === one.type

/** The values that the filter chooses, all of them without one. Where there is none it is made, as Entra ID expects. */
function inItems(items: Raw[], step: Step): Raw[] {
  const { op, path } = step
  const chosen = items.filter((item) => path.filter.every((term) => isMet(item, term)))
  if (op === 'remove' && !path.sub) return items.filter((item) => !chosen.includes(item))
  if (op === 'remove' || chosen.length > 0) {
    const next = chosen.map((item) => changed(item, step))
    return onePrimary(
      items.map((item) => next[chosen.indexOf(item)] ?? item),
      next,
    )
  }
  const named = Object.fromEntries(
    path.filter.map(({ path: { attribute }, value }) => [attribute, value]),
  )
  const made = changed(spelledValue(step.attribute, named) as Raw[], step)
  return onePrimary([...items, made], [made])
}

function isMet(item: Raw, { path, value }: Comparison): boolean {
  const [, held] =
    Object.entries(item).find(([name]) => name.toLowerCase() === path.attribute) ?? []
  if (typeof value === 'boolean') return isTrue(held) === value
  return typeof held === 'string' && held.toLowerCase() === value.toLowerCase()
}

/** One value with its sub-attribute changed, or with all that is given. */
function changed(whole: Raw | Raw[], { op, attribute, path, value }: Step): Raw {
  const [item = {}] = [whole].flat()
  if (!path.sub) {
    const [given] = listOfValues(spelledValue(attribute, value))
    if (!isObject(given))
      throw new Refusal('invalidValue', `${attribute.name} takes an object here`)
    return { ...item, ...given }
  }
  const sub = findAttribute(attribute.subAttributes ?? [], path.sub)
  return sub ? { ...item, [sub.name]: op === 'remove' ? null : value } : item
}

const isTrue = (value: unknown) => value === true || /^true$/i.test(String(value))

/** Whoever becomes primary is it alone. */
function onePrimary(items: Raw[], changed: readonly unknown[]): Raw[] {
  const first = changed.find((one) => isObject(one) && isTrue(one.primary))
  if (!first) return items
  return items.map((item) =>
    item !== first && isTrue(item.primary) ? { ...item, primary: false } : item,
  )
}
