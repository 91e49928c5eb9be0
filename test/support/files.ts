// Files as clients send them: multipart bodies with several, and zip archives that say what they like.
import { deflateRawSync } from 'node:zlib'
import type { Flowgate } from './flowgate.ts'
import type { Answer, Api } from './world.ts'

type Bytes = Uint8Array<ArrayBuffer>
export type Sent = { name: string; content: string | Bytes }

export const toBytes = (content: string | Uint8Array): Bytes =>
  new Uint8Array(typeof content === 'string' ? new TextEncoder().encode(content) : content)

/** Sends the files; the isolate wants bytes, not our FormData. `text` is the answer as it came. */
export async function sendFiles(
  gate: Pick<Flowgate, 'fetch'>,
  api: Api,
  path: string,
  files: readonly Sent[],
): Promise<Answer & { text: string }> {
  const form = new FormData()
  for (const { name, content } of files) form.append('file', new Blob([toBytes(content)]), name)
  const request = new Request('http://flowgate.test/', { method: 'POST', body: form })
  const response = await gate.fetch(path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.token}`,
      'content-type': request.headers.get('content-type') ?? '',
    },
    body: await request.arrayBuffer(),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
}

export type ZipEntry = {
  name: string
  content: string | Uint8Array
  /** What the archive says instead of the truth. */
  claims?: {
    size?: number
    packed?: number
    crc?: number
    method?: number
    flags?: number
    at?: number
  }
  /** Kept as it is. */
  stored?: boolean
  /** The content as it is packed, by another hand. */
  deflated?: Uint8Array
}

/** An archive with these entries, true or not. */
export function zip(entries: readonly ZipEntry[], count = entries.length): Bytes {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const { name, content, claims = {}, stored, deflated } of entries) {
    const bytes = Buffer.from(content)
    const packed = stored ? bytes : (deflated ?? deflateRawSync(bytes))
    const title = Buffer.from(name)
    const [method, flags] = [claims.method ?? (stored ? 0 : 8), claims.flags ?? 0x800]
    const sizes = [
      claims.crc ?? crc32(bytes),
      claims.packed ?? packed.length,
      claims.size ?? bytes.length,
    ]
    const shared = [...u16(20, flags, method, 0, 0), ...u32(...sizes), ...u16(title.length, 0)]
    central.push(
      Buffer.from([
        ...u32(0x02014b50),
        ...u16(20),
        ...shared,
        ...u16(0, 0, 0),
        ...u32(0, claims.at ?? at),
      ]),
      title,
    )
    const head = Buffer.from([...u32(0x04034b50), ...shared])
    local.push(head, title, Buffer.from(packed))
    at += head.length + title.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = [
    ...u32(0x06054b50),
    ...u16(0, 0, count, count),
    ...u32(directory.length, at),
    ...u16(0),
  ]
  return toBytes(Buffer.concat([...local, directory, Buffer.from(end)]))
}

/** Bit by bit, as the standard has it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

const u16 = (...all: number[]) => all.flatMap((n) => [n & 255, (n >>> 8) & 255])
const u32 = (...all: number[]) => all.flatMap((n) => [...u16(n), ...u16(n >>> 16)])
