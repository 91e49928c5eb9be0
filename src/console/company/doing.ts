// Which accounts of a company are whose here, and what is done about it. Each throws the Problem of what was refused.
import { done, once, read, v1 } from '../api.ts'
import type { Binding } from '../bodies.ts'
import type { Provider } from '../settings.ts'
import { t } from '../texts.ts'

/** Of the caller, or as superuser of anybody. */
export const askBindings = (user_id: string | undefined, signal: AbortSignal) =>
  read<{ bindings: Binding[] }>(
    v1.bindings.$get({ query: user_id ? { user_id } : {} }, { init: { signal } }),
  )

export const unbind = ({ user_id, issuer, subject }: Binding) =>
  done(v1.bindings.$delete({ query: { user_id, issuer, subject } }))

export const bind = (user_id: string, provider: string, subject: string) =>
  done(v1.bindings.$post({ json: { user_id, provider, subject } }, once()))

/** Leaves for the provider's page, from where one comes back to this one. */
export async function connect({ id }: Provider): Promise<void> {
  const { url } = await read<{ url: string }>(
    v1.auth[':provider_id'].bind.$post({ param: { provider_id: id }, query: {} }),
  )
  window.location.assign(url)
}

/** Cloudflare Access stands in front of everything: nobody is sent to it, and it knows people by no number of ours. */
export const bindable = (providers: readonly Provider[]): Provider[] =>
  providers.filter(({ id }) => id !== 'access')

/** What people call the place that a binding is with. */
export const nameOf = ({ issuer, provider }: Binding, providers: readonly Provider[]): string =>
  providers.find(({ id }) => id === provider)?.name ??
  (issuer === 'scim' ? t.company.directory : issuer)
