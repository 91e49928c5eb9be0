// The graphs of the demo's flows, in the form that LangBuilder's editor reads: nodes with a template each, edges
// between the handles of their ports.
import { kinds, type Port } from './demo-kinds.ts'

/** A flow that hands what it begins with from one node to the next. Throws for an unknown type. */
export function toGraph(types: readonly string[]) {
  const nodes = types.map(toNode)
  const edges = nodes.slice(1).map((target, i) => toEdge(nodes[i] as typeof target, target))
  return { nodes, edges, viewport: { x: 40, y: 80, zoom: 0.8 } }
}

/** The same node of the same flow always has the same id, so that a graph is the same each time it is made. */
function toNode(type: string, i: number) {
  const kind = kinds[type]
  if (!kind) throw new Error(`no kind of node: ${type}`)
  const id = `${type}-${String(i + 1).padStart(5, '0')}`
  const { label, icon, about, takes, gives, fields = {} } = kind
  const input = takes ? { [takes.name]: toField(takes.name, takes.label, '', takes.types) } : {}
  const filled = Object.entries(fields).map(([name, value]) => [
    name,
    toField(name, toLabel(name), value),
  ])
  const template = { _type: 'Component', ...input, ...Object.fromEntries(filled) }
  const node = {
    template,
    description: about,
    base_classes: gives.types,
    display_name: label,
    documentation: '',
    icon,
    custom_fields: {},
    output_types: [],
    pinned: false,
    frozen: false,
    beta: false,
    legacy: false,
    edited: false,
    metadata: {},
    tool_mode: false,
    conditional_paths: [],
    field_order: Object.keys(template).slice(1),
    outputs: [toOutput(gives)],
  }
  return {
    id,
    type: 'genericNode',
    position: { x: 380 * i, y: i % 2 === 0 ? 0 : 120 },
    data: { id, type, node, showNode: true, description: about, display_name: label },
    measured: { width: 320, height: 230 },
    selected: false,
    dragging: false,
  }
}

const toOutput = ({ name, label, types }: Port) => ({
  name,
  display_name: label,
  types,
  selected: types[0],
  method: `build_${name}`,
  value: '__UNDEFINED__',
  cache: true,
})

/** A field of a template; with types it is a port too. */
const toField = (name: string, label: string, value: string, types: readonly string[] = []) => ({
  _input_type: types.length > 0 ? 'MessageTextInput' : 'StrInput',
  name,
  display_name: label,
  type: 'str',
  value,
  info: '',
  placeholder: '',
  ...(types.length > 0 ? { input_types: types } : {}),
  required: false,
  show: true,
  advanced: false,
  dynamic: false,
  list: false,
  multiline: name === 'template',
  load_from_db: false,
  title_case: false,
  trace_as_metadata: true,
})

type Node = ReturnType<typeof toNode>

function toEdge(from: Node, to: Node) {
  const gives = from.data.node.outputs[0] as ReturnType<typeof toOutput>
  const takes = kinds[to.data.type]?.takes
  if (!takes) throw new Error(`nothing leads to a ${to.data.type}`)
  const source = {
    dataType: from.data.type,
    id: from.id,
    name: gives.name,
    output_types: gives.types,
  }
  const target = { fieldName: takes.name, id: to.id, inputTypes: takes.types, type: 'str' }
  const [sourceHandle, targetHandle] = [toHandle(source), toHandle(target)]
  return {
    id: `reactflow__edge-${from.id}${sourceHandle}-${to.id}${targetHandle}`,
    source: from.id,
    sourceHandle,
    target: to.id,
    targetHandle,
    data: { sourceHandle: source, targetHandle: target },
    className: '',
    animated: false,
    selected: false,
  }
}

/** As the editor spells a handle: JSON with its keys in order and `œ` for quotes. */
const toHandle = (handle: object) => JSON.stringify(handle).replaceAll('"', 'œ')

const toLabel = (name: string) => {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
