// Filters and paths: `userName eq "ada"`, `emails[type eq "work"].value`. Of the standard's grammar what directories send:
// `eq`, joined by `and`. Pure, and linear in texts that are short.
import { Refusal, type ScimType } from './protocol.ts'

/** Names in lower case, as they are compared. */
export type Path = {
  readonly attribute: string
  readonly filter: readonly Comparison[]
  readonly sub: string | undefined
}
export type Comparison = { readonly path: Path; readonly value: string | boolean }

/** Terms of one filter. */
const MAX_TERMS = 10

/** Throws `invalidFilter` for what is not understood, with what is. */
export function parseFilter(text: string): readonly Comparison[] {
  const reader = new Reader(text, 'invalidFilter')
  const terms = reader.comparisons()
  reader.end()
  return terms
}

/** Throws `invalidPath` for what is none. */
export function parsePath(text: string): Path {
  const reader = new Reader(text, 'invalidPath')
  const path = reader.path()
  reader.end()
  return path
}

const CORE = /urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):/iy
/** Of an extension: a version has a dot in it. */
const EXTENSION = /urn:[\w.:-]+/iy
const NAME = /[$A-Za-z][\w$-]*/y

class Reader {
  readonly #text: string
  readonly #fault: ScimType
  #at = 0
  constructor(text: string, fault: ScimType) {
    this.#text = text.trim()
    this.#fault = fault
  }

  /** What stands here, if it looks like this; then it is behind us. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #refuse(): never {
    const what = this.#fault === 'invalidFilter' ? 'filter' : 'path'
    throw new Refusal(
      this.#fault,
      `This ${what} is not understood at character ${this.#at + 1}. Comparisons are by eq, of texts in double quotes and of true and false, joined by and.`,
    )
  }

  end(): void {
    if (this.#at < this.#text.length) this.#refuse()
  }

  path(): Path {
    this.#take(CORE)
    const extension = this.#take(EXTENSION)
    const attribute = extension ?? this.#take(NAME) ?? this.#refuse()
    const filter = this.#take(/\[ */y) ? this.comparisons() : []
    if (filter.length > 0 && !this.#take(/ *\]/y)) this.#refuse()
    const sub = this.#take(/\./y) ? (this.#take(NAME) ?? this.#refuse()) : undefined
    return { attribute: attribute.toLowerCase(), filter, sub: sub?.toLowerCase() }
  }

  comparisons(): Comparison[] {
    const terms = [this.#comparison()]
    while (this.#take(/ +and +/iy)) {
      terms.push(this.#comparison())
      if (terms.length > MAX_TERMS) this.#refuse()
    }
    return terms
  }

  #comparison(): Comparison {
    const path = this.path()
    if (!this.#take(/ +eq +/iy)) return this.#chosen(path)
    const word = this.#take(/true|false/iy)
    if (word) return { path, value: word.toLowerCase() === 'true' }
    return { path, value: this.#string() }
  }

  /** `emails[type eq "work" and value eq "x"]` by itself: one of them is like that. */
  #chosen({ attribute, filter }: Path): Comparison {
    const [value, ...others] = filter.filter(({ path }) => path.attribute === 'value')
    if (!value || others.length > 0) this.#refuse()
    const rest = filter.filter((term) => term !== value)
    return { path: { attribute, filter: rest, sub: 'value' }, value: value.value }
  }

  #string(): string {
    const quoted = this.#take(/"(?:[^"\\]|\\.)*"/y) ?? this.#refuse()
    try {
      return String(JSON.parse(quoted))
    } catch {
      return this.#refuse()
    }
  }
}
