// Providers and bindings -> the bodies of the contract. Pure.
import { id, nullable, text, time, view } from '../wire.ts'

/** What a sign-in page shows. */
export const toOffer = view('SignInProvider', { id: text, name: text })

/** Whom a company's directory knows as which user; `provider` is null where its issuer is configured no more. */
export const toBinding = view('Binding', {
  issuer: text,
  subject: text,
  provider: nullable(text),
  user_id: id,
  created_at: time,
})
