// What leaves the house: graphs without their secrets, and a flow's own texts like any text in its graph. The walk
// goes through everything, so that a field in a group, in a nested flow or in JSON kept as text is found like any
// other, and a member that stands twice both times. What is blanked is written anew, all else stays as it stands.
// What counts as a secret:
//
// | where it stands                                         | what becomes of it                           |
// |---------------------------------------------------------|----------------------------------------------|
// | field with `password: true` or a type of secret text    | value null                                   |
// | field, key, row or option with a credential's name      | value null                                   |
// | the same, bound to a variable (`load_from_db: true`)     | stays: it is a name                          |
// | headers, as object, rows or text                        | all but harmless ones null                   |
// | `env` of an MCP server, as object, rows or `NAME=value` | values gone, names stay                      |
// | `args`                                                  | values of secret options, random words gone  |
// | any text: URL with user, key or hook, `Bearer ...`,      | that part gone                               |
// | `API_KEY=...`, `curl -u`, known keys                     |                                              |
// | source code: the same but for what is assigned in it     | that part gone; a literal may be any word    |
import { Outline } from '../../outline.ts'
import {
  withoutCredentials,
  withoutForms,
  withoutHeader,
  withoutSecretArguments,
} from './credentials.ts'
import { isHarmlessHeader, isSecretName, meaningOf } from './secret-names.ts'

/** How a value is read: `blank` leaves nothing of it. */
type Mode = 'plain' | 'blank' | 'headers' | 'env' | 'args' | 'code' | 'binding'

/** A walk through a text: how each of its values is read is known once what holds it has been read. */
type Walk = {
  readonly outline: Outline
  readonly modes: (Mode | undefined)[]
  /** The number of the name that each value, or the list that it is in, goes by; 0 for none. */
  readonly names: Int32Array
  /** What is left of arguments that had to be seen together. */
  readonly arguments: Map<number, unknown>
  readonly nesting: number
}

/** JSON as text within JSON as text: deeper than this, nobody looks. */
const MAX_NESTING = 4

/** The graph without its secrets, whatever JSON it is. Pure; linear in size, with a stack of its own. */
export const withoutSecrets = (graph: string): string => clean(graph, 'plain', 0)

function clean(text: string, mode: Mode, nesting: number): string {
  const outline = new Outline(text)
  const modes = new Array<Mode | undefined>(outline.count).fill(undefined)
  const names = new Int32Array(outline.count)
  const walk: Walk = { outline, modes, names, arguments: new Map(), nesting }
  modes[0] = mode
  const kept: string[] = []
  let at = 0
  for (let n = 0; n < outline.count; n++) {
    const mode = modes[n]
    if (mode === undefined) continue // a name
    const blanked = outline.isObject(n)
      ? enterObject(n, mode, walk)
      : outline.isList(n)
        ? enterList(n, mode, walk)
        : readLeaf(n, mode, walk)
    if (blanked === undefined) continue
    kept.push(text.slice(at, outline.start(n)), blanked)
    at = outline.end(n)
  }
  return kept.join('') + text.slice(at)
}

/** What takes the place of the value; undefined where it stays. */
function readLeaf(n: number, mode: Mode, walk: Walk): string | undefined {
  const { outline, nesting } = walk
  if (!outline.isString(n))
    return mode === 'blank' && isNumber(outline.slice(n)) ? 'null' : undefined
  const value = outline.string(n)
  const left = readText(String(walk.arguments.get(n) ?? value), mode, nesting)
  return left === value ? undefined : JSON.stringify(left)
}

const isNumber = (word: string) => !/^[tfn]/.test(word)

function enterList(list: number, mode: Mode, walk: Walk): undefined {
  const { outline, modes, names } = walk
  const items = [...outline.items(list)]
  for (const n of items) {
    modes[n] = mode
    names[n] = names[list] ?? 0
  }
  if (mode !== 'args') return
  const values = items.map((n) => (outline.isString(n) ? outline.string(n) : undefined))
  for (const [i, left] of withoutSecretArguments(values).entries())
    if (left !== values[i]) walk.arguments.set(items[i] ?? 0, left)
}

function enterObject(object: number, mode: Mode, walk: Walk): undefined {
  const { outline, modes, names } = walk
  if (outline.after(object) === object + 1) return // it is empty
  const modeOf = mode === 'blank' ? () => mode : modesOf(object, mode, walk)
  for (const [name, n] of outline.members(object)) {
    modes[n] = modeOf(outline.string(name), n)
    names[n] = name
  }
}

/** How each member is read. Where one stands twice nobody knows which of them counts: as strictly as either asks. */
function modesOf(object: number, mode: Mode, walk: Walk): (name: string, value: number) => Mode {
  const { outline, names } = walk
  const key = names[object] ? outline.string(names[object]) : ''
  const [first, last]: [Telling, Telling] = [{}, {}]
  let isTwice = false
  for (const [name, n] of outline.members(object)) {
    const told = outline.string(name)
    if (!telling.has(told)) continue
    last[told] = glimpse(outline, n)
    if (told in first) isTwice = true
    else first[told] = last[told]
  }
  const isInnerField = (n: number) =>
    outline.isObject(n) &&
    [...outline.members(n)].some(([name]) => makesField.has(outline.string(name)))
  const modeOf = modesIn(last, key, mode, isInnerField)
  if (!isTwice) return modeOf
  const other = modesIn(first, key, mode, isInnerField)
  return (name, n) => stricter(modeOf(name, n), other(name, n))
}

const laxness: readonly Mode[] = ['blank', 'env', 'headers', 'args', 'code', 'binding', 'plain']
const stricter = (a: Mode, b: Mode): Mode => (laxness.indexOf(a) < laxness.indexOf(b) ? a : b)

/** Members by which an object says what it is. */
type Telling = Record<string, unknown>
const makesField = new Set(['value', '_input_type', 'display_name', 'template', 'nodes'])
const telling = new Set([
  ...makesField,
  ...['key', 'name', 'header', 'label', 'load_from_db', 'password', 'type'],
])

/** As much of a value as tells something: of what holds others, that it does. */
function glimpse(outline: Outline, n: number): unknown {
  if (outline.isObject(n) || outline.isList(n)) return HOLDER
  return outline.isString(n) ? outline.string(n) : JSON.parse(outline.slice(n))
}
const HOLDER = Object.freeze({})

/** What describes a field and holds nothing of its value. */
const describing =
  /^(name|display_name|label|key|header|type|_input_type|field_type|info|description|id|types|selected|input_types|file_types|title|placeholder|method|dynamic)$/
const isField = (o: Telling) => [...makesField].some((name) => name in o)

/** How each member of the object is read, from what the object is and what it stands under. */
function modesIn(
  o: Telling,
  key: string,
  mode: Mode,
  isInnerField: (value: number) => boolean,
): (name: string, value: number) => Mode {
  const label = [o.key, o.name, o.header, o.display_name, o.label].filter(
    (l) => typeof l === 'string',
  )
  if (mode === 'headers' || mode === 'env') {
    const isBlank = (name: string) => mode === 'env' || !isHarmlessHeader(name)
    if (!('value' in o) || label.length === 0) return (name) => (isBlank(name) ? 'blank' : 'plain')
    return (name) => (describing.test(name) || !label.some(isBlank) ? 'plain' : 'blank')
  }
  const under = isField(o) ? key : ''
  if (o.load_from_db === true && typeof o.value === 'string')
    return (name) => (name === 'value' ? 'binding' : 'plain')
  const isTyped = Boolean(o.password) || [o._input_type, o.type].some(isSecretType)
  if (
    (isField(o) && (isTyped || isSecretName(under))) ||
    ('value' in o && label.some(isSecretName))
  )
    return (name) => (describing.test(name) ? 'plain' : 'blank')
  return (name, value) => {
    if (name === 'value' && o.type === 'code') return 'code'
    if (name === 'value' && under !== '') return containing(under) ?? 'plain'
    const kind = meaningOf(name)
    if (kind === undefined || isInnerField(value)) return 'plain' // its own members decide
    return kind === 'secret' ? 'blank' : kind
  }
}

const isSecretType = (type: unknown) => typeof type === 'string' && /secret|password/i.test(type)

const containing = (name: string): Mode | undefined => {
  const kind = meaningOf(name)
  return kind === 'secret' ? undefined : kind
}

/** Headers, variables and arguments are short; nobody needs one that is not. */
const MAX_LINES = 64_000

function readText(text: string, mode: Mode, nesting: number): string | null {
  if (mode === 'blank') return null
  if (mode === 'code' || mode === 'binding') return withoutForms(text)
  if (/^\s*[[{]/.test(text) && isJson(text))
    return nesting < MAX_NESTING ? clean(text, mode, nesting + 1) : null
  if (mode !== 'plain' && text.length > MAX_LINES) return null
  if (mode === 'headers') return text.split('\n').map(withoutHeader).join('\n')
  if (mode === 'env') return withoutCredentials(text).replace(/^([^=\n]{0,200})=.*$/gm, '$1=')
  if (mode === 'args') return withoutSecretArguments(text.split(' ')).join(' ')
  return withoutCredentials(text)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
