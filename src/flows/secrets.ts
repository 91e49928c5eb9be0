// What leaves the house: graphs without their secrets. The walk goes through everything, so that a field
// in a group, in a nested flow or in JSON kept as text is found like any other. What counts as a secret,
// and how it is blanked:
//
// | where it stands                                         | what becomes of it                           |
// |---------------------------------------------------------|----------------------------------------------|
// | field with `password: true` or a type of secret text    | value null                                   |
// | field, key, row or option with a credential's name      | value null                                   |
// | the same, bound to a variable (`load_from_db: true`)     | stays: it is a name                          |
// | headers, as object, rows or text                        | all but harmless ones null                   |
// | `env` of an MCP server, as object, rows or `NAME=value` | values gone, names stay                      |
// | `args`                                                  | values of secret options, random words gone  |
// | any text: URL with user or key, `Bearer ...`, known keys | that part gone                               |
import {
  isHarmlessHeader,
  isSecretName,
  kindOf,
  withoutCredentials,
  withoutForms,
  withoutHeader,
  withoutSecretArguments,
} from './credentials.ts'

type Json = Record<string, unknown>
/** How a value is read: `blank` leaves nothing of it. */
type Mode = 'plain' | 'blank' | 'headers' | 'env' | 'args' | 'code' | 'binding'
/** A value on its way into the copy: `into[at]` becomes what is left of it. */
type Visit = {
  value: unknown
  key: string
  mode: Mode
  depth: number
  into: Json
  at: string | number
}

/** SQLite itself reads no JSON that is deeper. */
const MAX_DEPTH = 1000
/** JSON as text within JSON as text: deeper than this, nobody looks. */
const MAX_NESTING = 4

/** The graph without its secrets, whatever it is. Pure; never throws; linear in size, with a stack of its own. */
export const withoutSecrets = (graph: unknown): unknown => walk(graph, 'plain', 0)

function walk(root: unknown, mode: Mode, nesting: number): unknown {
  const result: Json = {}
  const pending: Visit[] = [{ value: root, key: '', mode, depth: 0, into: result, at: 'root' }]
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    const { value, mode, depth, into, at } = visit
    if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
      into[at] = Array.isArray(value)
        ? copyList(value, visit, pending)
        : copyObject(value as Json, visit, pending)
    } else into[at] = readLeaf(value, mode, nesting)
  }
  return result.root
}

function readLeaf(value: unknown, mode: Mode, nesting: number): unknown {
  if (typeof value === 'string') return readText(value, mode, nesting)
  const isTooDeep = typeof value === 'object'
  return isTooDeep || (mode === 'blank' && typeof value !== 'boolean') ? null : value
}

function copyList(list: unknown[], { key, mode, depth }: Visit, pending: Visit[]): unknown[] {
  const copy: unknown[] = new Array(list.length).fill(null)
  const into = copy as unknown as Json // a list is written by its index
  const values = mode === 'args' ? withoutSecretArguments(list) : list
  for (let at = 0; at < values.length; at++)
    pending.push({ value: values[at], key, mode, depth: depth + 1, into, at })
  return copy
}

function copyObject(object: Json, { key, mode, depth }: Visit, pending: Visit[]): Json {
  const copy: Json = {}
  const modeOf = mode === 'blank' ? () => mode : modesIn(object, key, mode)
  for (const name of Object.keys(object)) {
    // By assignment it would become the copy's prototype; made once, it is a property like any other.
    if (name === '__proto__') Object.defineProperty(copy, name, ownProperty)
    else copy[name] = null // keeps the order of the members
    const visit = { value: object[name], key: name, mode: modeOf(name), depth: depth + 1 }
    pending.push({ ...visit, into: copy, at: name })
  }
  return copy
}

const ownProperty = { value: null, enumerable: true, writable: true, configurable: true }

/** What describes a field and holds nothing of its value. */
const describing =
  /^(name|display_name|label|key|header|type|_input_type|field_type|info|description|id|types|selected|input_types|file_types|title|placeholder|method|dynamic)$/
const isField = (o: Json) =>
  'value' in o || '_input_type' in o || 'display_name' in o || 'template' in o || 'nodes' in o

/** How each member of the object is read, from what the object is and what it stands under. */
function modesIn(o: Json, key: string, mode: Mode): (name: string) => Mode {
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
  return (name) => {
    if (name === 'value' && o.type === 'code') return 'code'
    if (name === 'value' && under !== '') return containing(under) ?? 'plain'
    const inner = o[name]
    if (isObject(inner) && isField(inner)) return 'plain' // its own members decide
    return isSecretName(name) ? 'blank' : (containing(name) ?? 'plain')
  }
}

const isSecretType = (type: unknown) => typeof type === 'string' && /secret|password/i.test(type)

const containing = (name: string): Mode | undefined => {
  const kind = kindOf(name)
  return kind === 'secret' ? undefined : kind
}

/** Headers, variables and arguments are short; what is not, is none that anybody needs. */
const MAX_LINES = 64_000

function readText(text: string, mode: Mode, nesting: number): string | null {
  if (mode === 'blank') return null
  if (mode === 'code' || mode === 'binding') return withoutForms(text)
  if (/^\s*[[{]/.test(text)) {
    const parsed = parseText(text)
    if (isObject(parsed) || Array.isArray(parsed))
      return nesting < MAX_NESTING ? rewrite(text, parsed, mode, nesting) : null
  }
  if (mode !== 'plain' && text.length > MAX_LINES) return null
  if (mode === 'headers') return text.split('\n').map(withoutHeader).join('\n')
  if (mode === 'env') return withoutCredentials(text).replace(/^([^=\n]{0,200})=.*$/gm, '$1=')
  if (mode === 'args') return withoutSecretArguments(text.split(' ')).join(' ')
  return withoutCredentials(text)
}

/** JSON that was kept as text goes out as it was written, unless something in it had to go. */
function rewrite(text: string, parsed: unknown, mode: Mode, nesting: number): string | null {
  try {
    const clean = JSON.stringify(walk(parsed, mode, nesting + 1))
    const plain = JSON.stringify(parsed)
    // Of two members of one name, the parsed value has the last alone.
    return clean === plain && countMembers(text) === countMembers(plain) ? text : clean
  } catch {
    return null // too deep to be written
  }
}

const countMembers = (json: string) => json.match(/"(?:[^"\\]|\\.)*"\s*:/g)?.length ?? 0

function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
