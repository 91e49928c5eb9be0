// Zip archives that callers send, unpacked within limits. What an archive says of itself is added up before anything
// is unpacked, and no file gets much more than twice the room that it has asked for: neither many files, nor one file many
// times over, nor a small one that swells comes to more than a request may bring.
import { crc32, inflateRawSync } from 'node:zlib'
import { ApiError } from '../../errors.ts'

/** Twice this fits into the memory of an isolate beside what is made of it. */
export const MAX_UNPACKED = 12_000_000
/** A thousand flows, and what archivers put between them. */
const MAX_ENTRIES = 2_000
/** workerd counts the room that it would take next, which is up to twice what it has, and a piece of this at least. */
const PIECE = 65_536

export type Unpacked = { readonly name: string; readonly bytes: Uint8Array }

type Entry = {
  name: string
  isEncrypted: boolean
  method: number
  crc: number
  packed: number
  unpacked: number
  at: number
}

/** Do the bytes begin as an archive does, one without files included? */
export const isArchive = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)

/** The files in the archive of that name, one at a time. Throws 400 where it is damaged, 413 where it is too large. */
export function* unzip(archive: string, bytes: Uint8Array): Generator<Unpacked> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const entries = readDirectory(view).filter(({ name }) => !isByTheWay(name))
    const sum = (size: 'packed' | 'unpacked') => entries.reduce((all, one) => all + one[size], 0)
    if (sum('unpacked') > MAX_UNPACKED) throw tooLarge(`files of ${sum('unpacked')} bytes`)
    if (sum('packed') > bytes.length) throw new Damaged() // they overlap
    for (const entry of entries) yield { name: entry.name, bytes: unpack(view, entry) }
  } catch (error) {
    if (error instanceof ApiError) throw error
    const why = error instanceof Damaged && error.message ? error.message : 'it is damaged'
    throw new ApiError('bad_request', `${archive} cannot be unpacked: ${why}`, { cause: error })
  }
}

class Damaged extends Error {}

const tooLarge = (what: string) =>
  new ApiError(
    'too_large',
    `The archive holds ${what}. At most ${MAX_ENTRIES} files and ${MAX_UNPACKED} bytes are unpacked at once: import it in parts`,
  )

/** Folders, and what operating systems leave beside files. */
const isByTheWay = (name: string) =>
  /\/$|(^|\/)(__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i.test(name)

/** The directory stands at the end of an archive. Throws where there is none. */
function readDirectory(view: DataView): Entry[] {
  const end = findEnd(view)
  const [count, size, start] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ]
  if (count > MAX_ENTRIES) throw tooLarge(`${count} entries`)
  if (start + size > end) throw new Damaged()
  const entries: Entry[] = []
  for (let at = start; entries.length < count; ) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Damaged()
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true))
    entries.push({
      name: decodeName(view, at + 46, name ?? 0),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    })
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0)
  }
  return entries
}

/** Only a comment may follow it. */
function findEnd(view: DataView): number {
  const last = view.byteLength - 22
  for (let at = last; at >= Math.max(0, last - 65_535); at--)
    if (
      view.getUint32(at, true) === 0x06054b50 &&
      at + 22 + view.getUint16(at + 20, true) <= view.byteLength
    )
      return at
  throw new Damaged('it ends too early')
}

const decodeName = (view: DataView, at: number, length: number) =>
  new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length))

function unpack(view: DataView, entry: Entry): Uint8Array {
  if (entry.isEncrypted) throw new Damaged('it is encrypted')
  if (view.getUint32(entry.at, true) !== 0x04034b50) throw new Damaged()
  const start =
    entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true)
  if (start + entry.packed > view.byteLength) throw new Damaged()
  const packed = new Uint8Array(view.buffer, view.byteOffset + start, entry.packed)
  const bytes = entry.method === 8 ? inflate(packed, entry.unpacked) : packed
  if (entry.method !== 8 && entry.method !== 0)
    throw new Damaged('its files are packed by another method than deflate')
  if (bytes.length !== entry.unpacked || crc32(bytes) !== entry.crc) throw new Damaged()
  return bytes
}

/** Stops soon after there are more bytes than were announced. */
function inflate(packed: Uint8Array, size: number): Uint8Array {
  try {
    const bytes = inflateRawSync(packed, { maxOutputLength: 2 * size + PIECE })
    if (bytes.length <= size) return bytes
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw new Damaged('it holds more than it says')
}
