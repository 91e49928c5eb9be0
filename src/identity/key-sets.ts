// The public keys of providers.
import type { JSONWebKeySet } from 'jose'
import { keeping, type Later } from './kept.ts'

export type { Later } from './kept.ts'

const sets = keeping(({ body }): JSONWebKeySet | undefined => {
  const { keys } = (body ?? {}) as { keys?: unknown }
  const isSet =
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'object' && key !== null && !Array.isArray(key))
  return isSet ? { keys } : undefined
})

/** The set of this address. Throws 503 where none is known and none can be had by now. */
export const keysAt = (url: string, later?: Later): Promise<JSONWebKeySet> => sets.at(url, later)

/** The set as it is now, if the one that is known may be old; undefined where it was asked for within a minute. */
export const newerKeysAt = (url: string, later?: Later): Promise<JSONWebKeySet | undefined> =>
  sets.newerAt(url, later)
