// What the directory is answered, for the API description: loosely, for `attributes` may ask for any part of it. What they
// are made of, the service says itself, in /Schemas.
import { arrayOf, count, type HasSchema, object, text, titled } from '../wire.ts'

const resource = (title: string, properties: Record<string, HasSchema>): HasSchema => {
  const { schema } = object(properties)
  const { additionalProperties, ...open } = schema
  return titled(title, { schema: open })
}

const resourceOf = (title: string) => resource(title, { schemas: arrayOf(text), id: text })
export const User = resourceOf('ScimUser')
export const Group = resourceOf('ScimGroup')
export const Schema = resource('ScimService', { schemas: arrayOf(text) })

export const Resources = titled(
  'ScimList',
  object({
    schemas: arrayOf(text),
    totalResults: count,
    startIndex: count,
    itemsPerPage: count,
    Resources: { schema: { type: 'array', items: { type: 'object' } } },
  }),
)
