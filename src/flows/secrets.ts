// What leaves the house: graphs whose API keys and tokens are blanked.

type Json = Record<string, unknown>

/** The graph with every secret template field (a password field named like an API key) set to null. Pure. */
export function withoutSecrets(graph: unknown): unknown {
  if (!isObject(graph) || !Array.isArray(graph.nodes)) return graph
  return { ...graph, nodes: graph.nodes.map(withoutSecretFields) }
}

function withoutSecretFields(node: unknown): unknown {
  if (!isObject(node) || !isObject(node.data) || !isObject(node.data.node)) return node
  const { template } = node.data.node
  if (!isObject(template)) return node
  const fields = Object.entries(template).map(([key, field]) => [key, blank(key, field)])
  const inner = { ...node.data.node, template: Object.fromEntries(fields) }
  return { ...node, data: { ...node.data, node: inner } }
}

function blank(key: string, field: unknown): unknown {
  if (!isObject(field) || !field.password) return field
  const name = String(field.name ?? key).toLowerCase()
  const isSecret =
    name.includes('api') &&
    (name.includes('key') || (name.includes('token') && !name.includes('tokens')))
  return isSecret ? { ...field, value: null } : field
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
