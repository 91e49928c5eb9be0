// Names of people and roles: one per look. How a name is stored, what it may hold, and the key under which
// two that look alike are one. Pure, and linear in names that are short enough. Letters of other alphabets
// that look like Latin ones are not told apart.

/** UTF-16 units, before and after normalisation. */
export const NAME_MAX = 255

/**
 * What cannot be seen or moves what can be: control, format, private and unassigned characters, half
 * characters, line ends, and what fonts leave out or show as a gap.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u

/** As it is stored: NFKC, without blanks around it and with one at a time in it. Measure the length first. */
export const toName = (text: string): string =>
  text
    .normalize('NFKC')
    .trim()
    .replace(/\p{Zs}+/gu, ' ')

/** As many UTF-16 units of a text as there is room for, and no half of a character. */
export function cut(text: string, room: number): string {
  if (text.length <= room) return text
  const last = text.charCodeAt(room - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? room - 1 : room)
}

/** What is wrong with a name as it is stored; undefined where it may be given. */
export function faultOfName(name: string): string | undefined {
  if (name === '') return 'must not be empty'
  if (name.length > NAME_MAX) return `must have at most ${NAME_MAX} characters`
  if (UNSEEN.test(name)) return 'must not contain control, format or other invisible characters'
  return undefined
}

/**
 * The same for names that look alike: folded to lower case by way of upper case, which makes one of what has
 * two forms (sigma, sharp s). A revision does the same for ASCII in SQL.
 */
export const keyOfName = (name: string): string =>
  toName(toName(name).toLowerCase().toUpperCase().toLowerCase())

/** The key of a name that somebody typed, to look it up by; undefined for one too long to be a name. */
export const keyOfTyped = (text: string): string | undefined =>
  text.length > NAME_MAX ? undefined : keyOfName(text)
