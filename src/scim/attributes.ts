// The attributes that are kept of users and groups, with their sub-attributes: what /Schemas says, what is taken from a
// body, and what a PATCH may be about, are one list.

export type Attribute = {
  readonly name: string
  readonly description: string
  readonly type: 'string' | 'boolean' | 'complex' | 'reference'
  readonly multiValued: boolean
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable'
  readonly returned: 'always' | 'default'
  readonly uniqueness: 'none' | 'server'
  readonly subAttributes?: readonly Attribute[]
  readonly referenceTypes?: readonly string[]
}

const attribute = (
  name: string,
  description: string,
  more: Partial<Attribute> = {},
): Attribute => ({
  name,
  description,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...more,
})

const readOnly = { mutability: 'readOnly' } as const
const complex = (...subAttributes: Attribute[]) => ({ type: 'complex', subAttributes }) as const
const several = { multiValued: true } as const

/** Those of every resource, which no schema lists. */
const common = [
  attribute('schemas', 'The schemas of the resource', { ...readOnly, ...several }),
  attribute('id', 'The id that flowgate gave it', { ...readOnly, returned: 'always' }),
  attribute('externalId', 'The id that the directory gave it', { caseExact: true }),
  attribute('meta', 'Its type, times and place', { ...readOnly, type: 'complex' }),
]

export const userAttributes: readonly Attribute[] = [
  attribute('userName', 'The name to sign in with', {
    required: true,
    uniqueness: 'server',
  }),
  attribute(
    'name',
    'The name in its parts',
    complex(
      attribute('formatted', 'The whole name'),
      attribute('familyName', 'The family name'),
      attribute('givenName', 'The given name'),
    ),
  ),
  attribute('displayName', 'The name to show'),
  attribute('active', 'Whether the user may sign in', {
    type: 'boolean',
    required: true,
  }),
  attribute('emails', 'Mail addresses', {
    ...several,
    ...complex(
      attribute('value', 'The address', { required: true }),
      attribute('display', 'How it is shown'),
      attribute('type', 'Its kind, such as `work`'),
      attribute('primary', 'Whether it is the first', { type: 'boolean' }),
    ),
  }),
  attribute('groups', 'The groups of the user', {
    ...readOnly,
    ...several,
    ...complex(
      attribute('value', 'The id of the group', readOnly),
      attribute('$ref', 'Where the group is', {
        ...readOnly,
        type: 'reference',
        referenceTypes: ['Group'],
      }),
      attribute('display', 'The name of the group', readOnly),
      attribute('type', 'Always `direct`', readOnly),
    ),
  }),
]

export const groupAttributes: readonly Attribute[] = [
  attribute('displayName', 'The name of the group', {
    required: true,
    uniqueness: 'server',
  }),
  attribute('members', 'Who is in the group', {
    ...several,
    ...complex(
      attribute('value', 'The id of the user', { mutability: 'immutable' }),
      attribute('$ref', 'Where the user is', {
        mutability: 'immutable',
        type: 'reference',
        referenceTypes: ['User'],
      }),
    ),
  }),
]

export type Raw = Record<string, unknown>
export const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The attribute of that name, in whatever case: undefined for one that is not kept. */
export function findAttribute(
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined {
  const folded = name.toLowerCase()
  return [...attributes, ...common].find((one) => one.name.toLowerCase() === folded)
}

/** A body with its names as the schema spells them, and without what is not kept or not the directory's to say. */
export const spelled = (attributes: readonly Attribute[], body: unknown): unknown =>
  isObject(body) ? spelledObject(attributes, body) : body

function spelledObject(attributes: readonly Attribute[], body: Raw): Raw {
  const known: Raw = {}
  for (const [name, value] of Object.entries(body)) {
    const found = findAttribute(attributes, name)
    if (found && found.mutability !== 'readOnly') known[found.name] = spelledValue(found, value)
  }
  return known
}

/** A value of the attribute as it is kept: of one with several values, a list of objects. */
export function spelledValue({ subAttributes, multiValued }: Attribute, value: unknown): unknown {
  if (!subAttributes) return value
  if (!multiValued) return spelled(subAttributes, value)
  return listOfValues(value).map((one) =>
    spelled(subAttributes, typeof one === 'string' ? { value: one } : one),
  )
}

export const listOfValues = (value: unknown): unknown[] =>
  value === null || value === undefined ? [] : [value].flat()
