// What a session was begun with, in words: browsers say too much of themselves, and name each other.
const browsers = [
  [/Edg/, 'Edge'],
  [/OPR/, 'Opera'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
] as const

const systems = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
] as const

const nameIn = (known: readonly (readonly [RegExp, string])[], text: string) =>
  known.find(([pattern]) => pattern.test(text))?.[1]

/** `Firefox on Linux`; what is no browser as it calls itself; undefined where it said nothing. */
export function deviceOf(userAgent: string | null): string | undefined {
  const text = userAgent?.trim()
  if (!text) return undefined
  const [browser, system] = [nameIn(browsers, text), nameIn(systems, text)]
  return browser && system ? `${browser} on ${system}` : text
}
