// The text of a search -> what it asks for. Any text will do: nothing in it is an operator, and what is no word is
// left out. Pure.
import { fold } from './fold.ts'

/** Of one search; each costs a look into the index. */
export const MAX_WORDS = 12

/** What a flow must hold. None of either, from a text of signs alone: nothing is found. */
export type Wanted = {
  /** Beginnings of words, folded; with blanks where a script has none: letters that follow each other. */
  readonly words: readonly string[]
  /** Whole words that follow each other, folded. */
  readonly phrases: readonly string[]
}

/** What the tokenizer takes for a word, but for the signs that the index puts between them. */
const WORD = /(?:(?![\ue000-\ue00f])[\p{L}\p{N}\p{M}\p{Co}])+/gu

/** Undefined for blanks alone, which are no search. */
export function readWanted(text: string): Wanted | undefined {
  if (text.trim() === '') return undefined
  const words = new Set<string>()
  const phrases = new Set<string>()
  for (const [, quoted, plain] of text.matchAll(/"([^"]*)"?|([^"]+)/g)) {
    const found = wordsOf(quoted ?? plain ?? '')
    if (quoted === undefined) for (const word of found) words.add(word)
    else if (found.length > 0) phrases.add(found.join(' '))
  }
  return { words: [...words], phrases: [...phrases] }
}

const wordsOf = (text: string): string[] =>
  (text.match(WORD) ?? []).map(toWord).filter((word) => word !== '')

/** In lower case, as the index keeps its words: its tokenizer leaves out the marks on Latin letters itself. */
const toWord = (word: string) => fold(word.toLowerCase()).trim().replace(/ +/g, ' ')

/** Signs alone: nothing fits. */
export const isEmpty = ({ words, phrases }: Wanted): boolean => words.length + phrases.length === 0

export const isTooMuch = ({ words, phrases }: Wanted): boolean =>
  words.length + phrases.length > MAX_WORDS
