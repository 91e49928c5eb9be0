// Examples for the API description, made from the schemas: what a schema says itself comes first, then
// what its name suggests.
import type { Schema } from '../wire.ts'

const samples: Record<string, unknown> = {
  access_token: 'eyJhbGciOiJIUzI1NiJ9...',
  action: 'Read',
  api_key: 'sk-4f7aQ0...',
  data: { nodes: [], edges: [] },
  description: 'Answers what customers ask',
  endpoint_name: 'support',
  icon: 'bot',
  icon_bg_color: '#3366ff',
  name: 'Customer support',
  optins: { github_starred: false, dialog_dismissed: false, discord_clicked: false },
  password: 'a password of some length',
  permission: 'Read',
  refresh_token: 'eyJhbGciOiJIUzI1NiJ9...',
  resource_type: 'Flow',
  role_name: 'Editor',
  scope_type: 'Project',
  tags: ['support'],
  token_type: 'bearer',
  total: 1,
  pages: 1,
  page: 1,
  size: 50,
  username: 'ada',
}

/** A value that the schema allows. */
export function exampleOf(schema: Schema, name = ''): unknown {
  const known = [
    (schema.examples as unknown[] | undefined)?.[0],
    schema.const,
    (schema.enum as unknown[] | undefined)?.[0],
  ]
  const given = known.find((value) => value !== undefined)
  if (given !== undefined) return given
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (choices?.[0]) return exampleOf(choices[0], name)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (schema.properties) {
    const properties = Object.entries(schema.properties as Record<string, Schema>)
    return Object.fromEntries(properties.map(([key, inner]) => [key, exampleOf(inner, key)]))
  }
  if (name in samples) return samples[name]
  if (schema.default !== undefined) return schema.default
  if (schema.format === 'uuid') return '0f8fad5b-d9cb-469f-a165-70867728950e'
  if (schema.format === 'date-time') return '2026-01-31T12:00:00+00:00'
  if (type === 'array') return [exampleOf((schema.items ?? {}) as Schema, name)]
  if (type === 'boolean') return false
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1
  if (type === 'object') return {}
  return type === undefined ? null : 'text'
}
