// What a search finds, as plainly as it can be said, to be compared with what flowgate finds. It shares no code with `src`.
export type Searched = {
  name: string
  endpoint_name: string | null
  tags: string[] | null
  description: string | null
}

/** Without case, and without marks beside letters of Latin, Greek, Cyrillic, Hebrew and Arabic. */
const bare = (text: string) =>
  text
    .normalize('NFD')
    .replace(
      /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]/gu,
      '',
    )
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ς', 'σ')
const wordsOf = (text: string) => bare(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
const unspaced = /[\u0e00-\u0eff\u2e80-\u9fff]/u
const spell = (words: string[]) =>
  words.flatMap((word) => (unspaced.test(word) ? [...word] : [word])).join(' ')

/** Every word begins one there, or stands in one where no blanks do; every quoted text stands there whole. */
export function fits(flow: Searched, text: string): boolean {
  const fields = [flow.name, flow.endpoint_name, ...(flow.tags ?? []), flow.description]
  const there = fields.map((field) => wordsOf(field ?? ''))
  const begun = (word: string) =>
    there.flat().some((one) => (unspaced.test(word) ? one.includes(word) : one.startsWith(word)))
  const whole = (words: string[]) =>
    there.some((one) => ` ${spell(one)} `.includes(` ${spell(words)} `))
  const parts = text.split('"')
  const words = parts.filter((_, n) => n % 2 === 0).flatMap(wordsOf)
  const phrases = parts
    .filter((_, n) => n % 2 === 1)
    .map(wordsOf)
    .filter(({ length }) => length > 0)
  if (words.length + phrases.length === 0) return text.trim() === ''
  return words.every(begun) && phrases.every(whole)
}
