// A value that components watch: the least that the session, the address and the notices share.
import { useSyncExternalStore } from 'hono/jsx/dom'

export type Store<T> = {
  get(): T
  set(value: T): void
  watch(listener: () => void): () => void
}

/** Holds one value and tells whoever watches when another takes its place. */
export function storeOf<T>(first: T): Store<T> {
  let value = first
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of [...listeners]) listener()
    },
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The value, and a new look at the component whenever it changes. */
export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.watch, store.get)
