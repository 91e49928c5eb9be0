// Is there a flow in a JSON object that somebody sent as one? And if not, what is it? Pure.
import { namesOf } from '../../wire.ts'
import { FlowCreate } from '../params.ts'
import { toFlowRead } from '../view.ts'

type Json = Record<string, unknown>

/** What a flow without a graph may have: what LangBuilder and its forerunners wrote into files beside it. */
const known = new Set([
  ...namesOf(toFlowRead),
  ...Object.keys(FlowCreate.entries),
  ...['fs_path', 'folder', 'style', 'last_tested_version'],
])

/** A flow has a graph, or at least nothing that no flow has. */
export const mayBeFlow = (one: unknown): boolean =>
  !isObject(one) || 'data' in one || Object.keys(one).every((name) => known.has(name))

/** What the object looks like, as the end of a sentence; '' for something unknown. */
export function looksLike(one: Json): string {
  const found = kinds.find(([, is]) => is(one))
  return found ? `: it looks like ${found[0]}` : ''
}

const kinds: [string, (one: Json) => boolean][] = [
  ['a workflow of n8n', (one) => Array.isArray(one.nodes) && isObject(one.connections)],
  ['a chatflow of Flowise', (one) => isOfFlowise(one)],
  [
    'a graph without its flow. Send {"name": ..., "data": <the graph>}',
    (one) => Array.isArray(one.nodes) && Array.isArray(one.edges),
  ],
  [
    'the package.json of an npm package',
    (one) =>
      'name' in one &&
      ['dependencies', 'devDependencies', 'scripts', 'version', 'main'].some((name) => name in one),
  ],
  ['a description of an API', (one) => 'openapi' in one || 'swagger' in one],
]

/** Its nodes have anchors where ours have templates; whole collections have lists of their own names. */
function isOfFlowise(one: Json): boolean {
  if ('flowData' in one || Array.isArray(one.ChatFlow) || Array.isArray(one.AgentFlow)) return true
  const nodes = Array.isArray(one.nodes) ? one.nodes.slice(0, 20) : []
  return nodes.some(
    (node) =>
      isObject(node) &&
      isObject(node.data) &&
      ('inputAnchors' in node.data || 'outputAnchors' in node.data),
  )
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
