// Graphs of flows are text from end to end: what a client wrote is checked, kept and handed out as it stands. Read
// and written anew, numbers beyond 2^53 would be others, `1e400` null, `60000.0` short, members that stand twice once.
import { Outline } from './outline.ts'

/** A JSON object as it was written. `stringify` writes it so; JSON.stringify, which cannot, refuses it. */
export class Graph {
  readonly text: string
  readonly isEmpty: boolean
  readonly hasNodes: boolean
  readonly hasEdges: boolean
  /** A node has `Webhook` in its id. */
  readonly hasWebhook: boolean

  private constructor(
    text: string,
    about: Pick<Graph, 'isEmpty' | 'hasNodes' | 'hasEdges' | 'hasWebhook'>,
  ) {
    this.text = text
    this.isEmpty = about.isEmpty
    this.hasNodes = about.hasNodes
    this.hasEdges = about.hasEdges
    this.hasWebhook = about.hasWebhook
  }

  /** The object as a graph, any other JSON as its value. Throws a SyntaxError for what is not JSON. */
  static read(text: string): unknown {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return new Graph(text, {
      isEmpty: Object.keys(value).length === 0,
      hasNodes: Object.hasOwn(value, 'nodes'),
      hasEdges: Object.hasOwn(value, 'edges'),
      hasWebhook: 'nodes' in value && Array.isArray(value.nodes) && value.nodes.some(isWebhook),
    })
  }

  /** The same graph otherwise written. */
  as = (text: string): Graph => (text === this.text ? this : new Graph(text, this))

  /** Its type is what clients see. */
  toJSON(): Record<string, unknown> {
    throw new Error('A graph leaves as it was written: by stringify of graph.ts')
  }
}

const isWebhook = (node: { id?: unknown } | null | undefined) =>
  typeof node?.id === 'string' && node.id.includes('Webhook')

/** Where graphs stand in a JSON text: the names on the way, `*` for each item of a list. */
export type Place = readonly string[]

/**
 * The value of a JSON text of so many values, with a Graph for each object in one of these places. Throws a
 * SyntaxError for what is not JSON.
 */
export function parseWithGraphs(text: string, places: readonly Place[], values: number): unknown {
  const levels = Math.max(0, ...places.map((place) => place.length))
  if (levels === 0) return JSON.parse(text)
  const outline = new Outline(text, levels, values)
  const found = places
    .flatMap((place) => find(outline, place))
    // No string in such a place is taken for what stands in for a graph: it is stood in for as well.
    .filter((n) => outline.isObject(n) || outline.isString(n))
    .sort((a, b) => a - b)
  if (found.length === 0) return JSON.parse(text)
  let [rest, at] = ['', 0]
  for (const [i, n] of found.entries()) {
    rest += `${text.slice(at, outline.start(n))}"${i}"`
    at = outline.end(n)
  }
  const root: unknown = JSON.parse(rest + text.slice(at))
  const graphs = found.map((n) => Graph.read(outline.slice(n)))
  const holder = { root }
  for (const place of places) put(holder, ['root', ...place], graphs)
  return holder.root
}

/** The values in that place, all of them where a member stands twice. */
function find(outline: Outline, [step, ...rest]: Place, at = 0): number[] {
  if (step === undefined) return [at]
  if (step === '*')
    return outline.isList(at) ? [...outline.items(at)].flatMap((n) => find(outline, rest, n)) : []
  if (!outline.isObject(at)) return []
  return [...outline.members(at)].flatMap(([name, value]) =>
    outline.string(name) === step ? find(outline, rest, value) : [],
  )
}

/** Puts the graphs where they are stood in for. */
function put(value: unknown, [step, ...rest]: Place, graphs: readonly unknown[]): void {
  if (typeof value !== 'object' || value === null || step === undefined) return
  if (step === '*') {
    if (Array.isArray(value)) for (const item of value) put(item, rest, graphs)
    return
  }
  if (!Object.hasOwn(value, step)) return
  const holder = value as Record<string, unknown>
  const inner = holder[step]
  if (rest.length > 0) put(inner, rest, graphs)
  else if (typeof inner === 'string') holder[step] = graphs[Number(inner)]
}

/** No body holds a graph deeper: a page, its flows, their items, one of them. */
const LEVELS = 4

/** JSON.stringify for bodies that hold graphs, which it leaves as they are. */
export function stringify(value: unknown, levels = LEVELS): string {
  if (value instanceof Graph) return value.text
  if (typeof value !== 'object' || value === null || levels === 0)
    return JSON.stringify(value) ?? 'null'
  const write = (inner: unknown) => stringify(inner, levels - 1)
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${write(inner)}`).join(',')}}`
}
