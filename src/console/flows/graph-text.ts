// A member of a JSON object as the text that it is, for JavaScript cannot hold every number that stands in a graph.

/** The value of a member of the object itself, as it is written; undefined where there is none. The text is valid JSON. */
export function cutMember(text: string, name: string): string | undefined {
  const wanted = JSON.stringify(name)
  let depth = 0
  let begin = -1
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') {
      const end = endOfString(text, at)
      const isKey = depth === 1 && begin < 0 && text.slice(at, end) === wanted
      const colon = isKey ? /^\s*:/.exec(text.slice(end, end + 100)) : null
      if (colon) begin = end + colon[0].length
      at = (colon ? begin : end) - 1
    } else if (char === '{' || char === '[') depth++
    else if (depth === 1 && begin >= 0 && (char === ',' || char === '}'))
      return text.slice(begin, at).trim()
    else if (char === '}' || char === ']') depth--
  }
  return undefined
}

/** Behind the quote that ends the string that begins here. */
function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; ; at++) {
    const next = text.indexOf('"', at)
    if (next < 0) return text.length
    let slashes = 0
    while (text[next - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return next + 1
    at = next
  }
}

/** The object as JSON with a member more, whose value is text already. */
export const withMember = (object: object, name: string, value: string): string =>
  `{${JSON.stringify(name)}:${value},${JSON.stringify(object).slice(1)}`
