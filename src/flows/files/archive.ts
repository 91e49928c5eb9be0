// Flows as files: one JSON document each, several of them in a zip archive.
import { deflateRawSync } from 'node:zlib'
import { Zip, ZipPassThrough } from 'fflate'
import type { Row } from '../../db/client.ts'
import { stringify } from '../../graph.ts'
import { toFileFlow } from '../view.ts'
import { withoutCredentials } from './credentials.ts'
import { toFileNames } from './names.ts'
import { withoutSecrets } from './secrets.ts'

export const ARCHIVE_TYPE = 'application/x-zip-compressed'

/** One flow as it leaves for a file, whoever takes it away. */
export function toFlowFile(row: Row) {
  const flow = toFileFlow(row)
  return {
    ...flow,
    description: shown(flow.description),
    action_description: shown(flow.action_description),
    data: flow.data?.as(withoutSecrets(flow.data.text)) ?? null,
  }
}

const shown = (text: string | null) => (text === null ? null : withoutCredentials(text))

/** One flow as strangers see it: it says nothing of who made it, nor of what it stands among. */
export const toPublicFlow = (row: Row) => ({ ...toFlowFile(row), user_id: null, folder_id: null })

/** An example: the shared folder is nobody's, and clients know it by its id. */
export const toExample = (row: Row) => ({ ...toFlowFile(row), user_id: null })

/** Packing a text of less costs more than it saves. */
const MIN_PACKED = 4_000
/** What is handed on at once, unless one file is more. */
const CHUNK = 64_000

/** A zip archive with `<name>.json` per flow. Each is written when the one before it has been taken. */
export function toArchive(rows: readonly Row[]): ReadableStream<Uint8Array> {
  const names = toFileNames(rows.map(({ name }) => name))
  const left = rows.map((row, i) => ({ row, name: String(names[i]) })).reverse()
  const bytes = new TextEncoder()
  let zip: Zip
  let written = 0
  return new ReadableStream({
    start(controller) {
      zip = new Zip((error, chunk, isLast) => {
        if (error) return controller.error(error)
        written += chunk.length
        controller.enqueue(chunk)
        if (isLast) controller.close()
      })
    },
    pull() {
      written = 0
      while (written < CHUNK) {
        const next = left.pop()
        if (!next) return zip.end()
        const content = bytes.encode(stringify(toFlowFile(next.row)))
        const file =
          content.length < MIN_PACKED ? new ZipPassThrough(next.name) : new Packed(next.name)
        zip.add(file)
        file.push(content, true)
      }
    },
  })
}

/** A file that the platform packs: fflate's own deflate would be 5 KiB of the Worker. It is given as a whole. */
class Packed extends ZipPassThrough {
  override compression = 8

  /** Graphs repeat themselves: the quickest way to pack them is nearly as good as the best. */
  protected override process(content: Uint8Array) {
    this.ondata(null, deflateRawSync(content, { level: 1 }), true)
  }
}

/** `20260131_120000`, UTC. */
export const fileTime = (): string =>
  new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')
