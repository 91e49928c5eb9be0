// Flows as files: one JSON document each, several of them in a zip archive.
import { strToU8, zipSync } from 'fflate'
import type { Row } from '../db/client.ts'
import { withoutSecrets } from './secrets.ts'
import { toFlowRead } from './view.ts'

export const ARCHIVE_TYPE = 'application/x-zip-compressed'

/** One flow as it leaves for a file or for a stranger. */
export function toFlowFile(row: Row) {
  const flow = toFlowRead(row)
  return { ...flow, data: withoutSecrets(flow.data) }
}

/** A zip archive with `<name>.json` per flow. */
export function toArchive(rows: Row[]): Uint8Array<ArrayBuffer> {
  const files = new Map<string, Uint8Array>()
  for (const row of rows) {
    const text = JSON.stringify(toFlowFile(row))
    files.set(freeFileName(toFileName(row.name), files), strToU8(text))
  }
  return zipSync(Object.fromEntries(files)) as Uint8Array<ArrayBuffer>
}

/** `20260131_120000`, UTC. */
export const fileTime = (): string =>
  new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')

/** A name that no unpacking tool takes for a path or refuses. */
export function toFileName(name: unknown): string {
  // Cut first: the last expression tries every blank of a long run.
  const safe = [...String(name).slice(0, 160)]
    .slice(0, 80)
    .join('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    .replace(/[\\/:*?"<>|\u0000-\u001f\u007f]/g, '_')
    .replace(/^\.+|[. ]+$/g, '_')
  return safe || 'flow'
}

function freeFileName(name: string, taken: ReadonlyMap<string, unknown>): string {
  for (let n = 0; ; n++) {
    const file = n === 0 ? `${name}.json` : `${name} (${n}).json`
    if (!taken.has(file)) return file
  }
}
