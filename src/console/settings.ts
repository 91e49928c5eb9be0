// What the operator has said about this console. It is open to everybody, and comes from beside its files.
import { toProblem } from './problem.ts'

/** A way in by a company's account. */
export type Provider = { id: string; name: string }

export type Settings = {
  langbuilder_url: string | null
  teams: 'admins' | 'open'
  providers: Provider[]
  /** Else only superusers sign in with a password. */
  password_login: boolean
}

let known: Settings | undefined

/** As it is known by now: the frame asks at its start. */
export const settingsNow = (): Settings | undefined => known

/** Asked once for the life of the page. Throws a Problem where it cannot be had. */
export async function askSettings(signal: AbortSignal): Promise<Settings> {
  if (known) return known
  const response = await fetch('/console/settings.json', { signal })
  if (!response.ok) throw await toProblem(response)
  known = (await response.json()) as Settings // src/pages.ts writes it
  return known
}
