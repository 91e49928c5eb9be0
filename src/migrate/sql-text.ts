// SQL as text: its tokens, what is left without comments, and the few things about a statement that can
// be read off without running it. Pure.

/** Comments, quoted things, runs of white space, single signs, and the rest. */
export function splitTokens(sql: string): string[] {
  return (
    sql.match(
      /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\s+|[;(),]|[^\s;(),'"`[\-/]+|[-/'"`[]/g,
    ) ?? []
  )
}

/** Statement text without comments and with white space collapsed outside of strings. */
export function squash(sql: string): string {
  return splitTokens(sql)
    .filter((token) => !token.startsWith('--') && !token.startsWith('/*'))
    .map((token) => (/^\s+$/.test(token) ? ' ' : token))
    .filter((token, i, all) => token !== ' ' || all[i - 1] !== ' ')
    .join('')
    .trim()
}

/** How many semicolons stand between statements of the text, not counting a last one. */
export const countBreaks = (sql: string): number =>
  splitTokens(squash(sql).replace(/;$/, '')).filter((token) => token === ';').length

/** The tokens outside of any brackets, without white space. */
function outerTokens(sql: string): string[] {
  let depth = 0
  return splitTokens(squash(sql)).filter((token) => {
    if (token === ')') depth--
    const isOuter = depth === 0 && token.trim() !== ''
    if (token === '(') depth++
    return isOuter && token !== '(' && token !== ')'
  })
}

/** What the statement does, its first word in upper case; behind WITH, what follows the last CTE. */
export function verbOf(sql: string): string {
  const words = outerTokens(sql).map((token) => token.toUpperCase())
  if (words[0] !== 'WITH') return words[0] ?? ''
  return words.find((word) => /^(SELECT|VALUES|INSERT|REPLACE|UPDATE|DELETE)$/.test(word)) ?? 'WITH'
}

/** The bracketed text behind each `word (`, squashed: `CHECK (a > 0)` -> `a > 0`. */
export function bracketsBehind(word: string, sql: string): string[] {
  const tokens = splitTokens(squash(sql))
  return tokens.flatMap((token, i) => {
    if (token.toUpperCase() !== word) return []
    const open = tokens[i + 1] === ' ' ? i + 2 : i + 1
    if (tokens[open] !== '(') return []
    let depth = 0
    const close = tokens.findIndex((t, k) => {
      if (k < open) return false
      if (t === '(') depth++
      if (t === ')') depth--
      return depth === 0
    })
    return tokens
      .slice(open + 1, close === -1 ? undefined : close)
      .join('')
      .trim()
  })
}

/** An expression without comments, white space, quotes and case, all of which a name may do with or without. */
export const bareText = (sql: string): string =>
  squash(sql)
    .replace(/[\s"`[\]]/g, '')
    .toLowerCase()

/** A name as SQLite compares it: without quotes, in lower case. */
export const bareName = (token: string): string =>
  token.replace(/^[`"[]|[`"\]]$/g, '').toLowerCase()
