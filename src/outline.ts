// Where the values of a JSON text stand, found without making any of them. Of a text that is not JSON it says
// something or other: whether it is JSON, JSON.parse judges. Pure, and linear in the text.

/** How much a JSON text holds: brackets that nest, and values (commas and brackets, outside of strings). */
export type Measure = { readonly depth: number; readonly values: number }

const noLimit = { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY }

/** Counts until there is more of either. */
export function measure(text: string, most: Measure = noLimit): Measure {
  let [depth, deepest, values] = [0, 0, 0]
  for (let at = 0; at < text.length && values <= most.values && deepest <= most.depth; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (char === COMMA) values++
    else if (isClosing(char)) depth--
    else if (isOpening(char)) {
      values++
      if (++depth > deepest) deepest = depth
    }
  }
  return { depth: deepest, values }
}

/**
 * The values of a text in its order, each by number: the whole is 0, what an object or a list holds follows it,
 * and each member's name stands before its value as one more. What is deeper than `levels` is left out.
 */
export class Outline {
  readonly text: string
  readonly count: number
  /** Three numbers for each: where it begins, where it ends, and which one follows it and all in it. */
  readonly #spans: Int32Array

  /** `values` are those that were measured. */
  constructor(text: string, levels = Number.POSITIVE_INFINITY, values = measure(text).values) {
    this.text = text
    this.#spans = new Int32Array(6 * (values + 1))
    this.count = this.#fill(levels)
  }

  start(n: number): number {
    return this.#spans[3 * n] ?? 0
  }

  end(n: number): number {
    return this.#spans[3 * n + 1] ?? 0
  }

  /** The next one beside it: of what it holds, none. */
  after(n: number): number {
    return this.#spans[3 * n + 2] ?? 0
  }

  slice(n: number): string {
    return this.text.slice(this.start(n), this.end(n))
  }

  isObject(n: number): boolean {
    return this.text.charCodeAt(this.start(n)) === BRACE
  }

  isList(n: number): boolean {
    return this.text.charCodeAt(this.start(n)) === BRACKET
  }

  isString(n: number): boolean {
    return this.text.charCodeAt(this.start(n)) === QUOTE
  }

  /** The string of that number; most have nothing that is escaped. */
  string(n: number): string {
    const raw = this.text.slice(this.start(n) + 1, this.end(n) - 1)
    return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
  }

  /** The values that a list holds. */
  *items(list: number): Generator<number> {
    for (let n = list + 1; n < this.after(list); n = this.after(n)) yield n
  }

  /** The numbers of the names and of the values that an object holds. */
  *members(object: number): Generator<readonly [name: number, value: number]> {
    for (let n = object + 1; n + 1 < this.after(object); n = this.after(n + 1)) yield [n, n + 1]
  }

  #fill(levels: number): number {
    const { text } = this
    const spans = this.#spans
    const open: number[] = []
    let count = 0
    // JSON of so many values has no more to show; a text that has more is not JSON.
    for (let at = 0; at < text.length && 3 * count < spans.length; at++) {
      const char = text.charCodeAt(at)
      if (isBetween(char)) continue
      if (isClosing(char)) {
        const n = open.pop()
        if (n === undefined || n < 0) continue
        spans[3 * n + 1] = at + 1
        spans[3 * n + 2] = count
        continue
      }
      const isShown = open.length <= levels
      if (isOpening(char)) {
        open.push(isShown ? count : -1)
        if (isShown) spans[3 * count++] = at
        continue
      }
      const end = char === QUOTE ? endOfString(text, at) + 1 : endOfWord(text, at)
      if (isShown) {
        spans[3 * count] = at
        spans[3 * count + 1] = end
        spans[3 * count + 2] = ++count
      }
      at = end - 1
    }
    return count
  }
}

const [QUOTE, COMMA, BRACKET, BRACE] = [0x22, 0x2c, 0x5b, 0x7b]
const isOpening = (char: number) => char === BRACE || char === BRACKET
const isClosing = (char: number) => char === 0x7d || char === 0x5d
/** Blanks, commas and colons. */
const isBetween = (char: number) => char <= 0x20 || char === COMMA || char === 0x3a

/** Where the string that begins here ends: at the next quote that is not escaped. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at > 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return at
  }
  return text.length
}

/** Where a number or a word ends. */
function endOfWord(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const char = text.charCodeAt(at)
    if (isBetween(char) || isClosing(char) || isOpening(char) || char === QUOTE) break
    at++
  }
  return at
}
