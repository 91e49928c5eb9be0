// What the operator has said about this console. It is open to everybody, and comes from beside its files.
import { toProblem } from './problem.ts'

type Settings = { langbuilder_url: string | null; teams: 'admins' | 'open' }

/** Throws a Problem where it cannot be had. */
export async function askSettings(signal: AbortSignal): Promise<Settings> {
  const response = await fetch('/console/settings.json', { signal })
  if (!response.ok) throw await toProblem(response)
  return response.json() as Promise<Settings> // src/pages.ts writes it
}
