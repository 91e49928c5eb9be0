// What callers and providers may send about signing in with a company.
import * as v from 'valibot'
import { objectOf } from '../containers.ts'
import { text, Uuid } from '../fields.ts'

export const ProviderPath = v.object({ provider_id: text(64) })

/**
 * Where a sign-in ends: a page of the console, or LangBuilder's front end. Of an address nothing else is taken: neither
 * another host nor what a browser might read as one.
 */
export const Destination = v.pipe(
  text(500),
  v.regex(
    /^(langbuilder|\/console(\/[\w-]+)*\/?(\?[\w=&%.*+~-]*)?)$/,
    "Input should be a path such as '/console/flows', or 'langbuilder'",
  ),
  v.metadata({ examples: ['/console/'] }),
)

export const Start = v.object({ to: v.optional(Destination, '/console/') })
export const Bind = v.object({ to: v.optional(Destination, '/console/me') })

/** What a provider sends a browser back with; whatever it adds is not looked at. */
export const Callback = v.object({
  state: v.optional(text(200)),
  code: v.optional(text(4000)),
  iss: v.optional(text(1000)),
  error: v.optional(text(200)),
})
export type Callback = v.InferOutput<typeof Callback>

const Issuer = text(1000)
const Subject = v.pipe(text(255), v.minLength(1, 'String should have at least 1 character'))

export const Whose = v.object({ user_id: v.optional(Uuid) })

export const BindingCreate = v.pipe(
  objectOf({ user_id: Uuid, provider: text(32), subject: Subject }),
  v.metadata({
    examples: [
      { user_id: '3f1c6a52-58f1-4a53-9c0e-0d5f6d3a8f10', provider: 'okta', subject: '00u1a2b3' },
    ],
  }),
)
export type BindingCreate = v.InferOutput<typeof BindingCreate>

export const BindingName = v.object({ user_id: Uuid, issuer: Issuer, subject: Subject })
export type BindingName = v.InferOutput<typeof BindingName>
