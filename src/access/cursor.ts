// Cursors: where a page begins, as opaque text. Each is signed together with the list, the caller and the filters that
// it was made for, so that nobody can bring another one. It grants nothing: what a page shows is decided anew each time.
import { ApiError } from '../errors.ts'
import type { Secrets } from '../identity/house.ts'
import { openCursor, sealCursor } from '../identity/secrets.ts'
import type { Ask } from './ask.ts'

/**
 * What a cursor belongs to, as text that differs for everything that may not be exchanged. `list` names the list and the
 * version of its positions: cursors of another one do not open.
 */
export const bindingOf = ({ name }: Ask, list: string, terms: unknown): string =>
  JSON.stringify([list, name, terms])

/** The position as a cursor. */
export const toCursor = (position: unknown, binding: string, secrets: Secrets): Promise<string> =>
  sealCursor(JSON.stringify(position), binding, secrets)

/** The position that `toCursor` was given. Throws 400 `cursor_invalid` for anything that it did not make for this binding. */
export async function readCursor(
  cursor: string,
  binding: string,
  secrets: Secrets,
): Promise<unknown> {
  const position = await openCursor(cursor, binding, secrets)
  if (position !== undefined) return JSON.parse(position)
  throw new ApiError(
    'cursor_invalid',
    'The cursor does not belong to this listing. Start again without one.',
  )
}
