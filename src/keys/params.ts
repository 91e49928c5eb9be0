// What callers may send about API keys.
import * as v from 'valibot'
import { Text, Uuid } from '../params.ts'

export const KeyPath = v.object({ api_key_id: Uuid })
export const KeyCreate = v.object({ name: v.nullish(Text, null) })
export const StoreKey = v.object({ api_key: Text })
