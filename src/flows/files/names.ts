// Names of files, made of names that anybody may have chosen. Pure.

/** Bytes in UTF-8. What is put before and behind still leaves it under 200, which every file system takes. */
const MAX_BYTES = 170

/** What Windows takes for a device, whatever follows the first dot. */
const device = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i

/** A name that no unpacking tool takes for a path, a device or another text than it is, or refuses. */
export function toFileName(name: unknown): string {
  const safe = cut(String(name).slice(0, MAX_BYTES))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    .replace(/[\\/:*?"<>|\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^\.+|[. ]+$/g, '_')
  return device.test(safe) ? `_${safe}` : safe || 'flow'
}

/** As many whole characters as fit. */
function cut(text: string): string {
  const kept: string[] = []
  let bytes = 0
  for (const char of text.toWellFormed()) {
    bytes += Buffer.byteLength(char)
    if (bytes > MAX_BYTES) break
    kept.push(char)
  }
  return kept.join('')
}

/** `<name>.json` for each, no two of which are one file where case and composition do not count. */
export function toFileNames(names: readonly unknown[]): string[] {
  const taken = new Set<string>()
  const next = new Map<string, number>()
  return names.map((name) => {
    const base = toFileName(name)
    for (let n = next.get(fold(base)) ?? 0; ; n++) {
      const file = n === 0 ? base : `${base} (${n})`
      if (taken.has(fold(file))) continue
      taken.add(fold(file))
      next.set(fold(base), n + 1)
      return `${file}.json`
    }
  })
}

const fold = (text: string) => text.normalize('NFKC').toUpperCase()
