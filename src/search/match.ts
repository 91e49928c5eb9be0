// What is looked for -> the text that FTS5 takes, as SQL. Only words and labels that are quoted stand in it, so no search
// is an error.
//
// A beginning of up to three letters has a list of its own in the index. A longer one would be collected from the lists
// of all words that begin so, however many flows they lead to; so the few words are looked up first, each of which has
// its list. Where there are many, each leads to few.
import { type SQL, sql } from '../db/sql.ts'
import { isEmpty, type Wanted } from './words.ts'

/** What a listing is filtered by. */
export type Sought = {
  readonly text?: Wanted | undefined
  /** All of these, exactly. */
  readonly tags: readonly string[]
  readonly componentsOnly: boolean
}

/** How well a flow fits, best first: its name is the text; begins with it; holds it; anywhere. */
export const TIERS = 4

/** Words that begin like one and are looked up by themselves. */
const MOST = 32

/** Signs that no search can hold, before what labels a flow, and behind its name. */
const [END, PROJECT, TAG, COMPONENT] = ['\ue000', '\ue001', '\ue002', '\ue003']

/** SQL: the label of flows of this project, quoted. */
export const labelOf = (project: SQL): SQL =>
  sql`'"' || ${sql.raw(`char(${PROJECT.charCodeAt(0)})`)} || hex(${project}) || '"'`

/** Whether nothing at all can be found. */
export const isHopeless = ({ text }: Sought): boolean => text !== undefined && isEmpty(text)

/**
 * SQL: the CTE `wanted(tier, fits)`: what all must fit, as the last tier, and what those of the better ones must, where
 * they are ranked. It is to stand behind WITH RECURSIVE.
 */
export function wantedOf(sought: Sought, ranked: boolean): SQL {
  const last = TIERS - 1
  if (isHopeless(sought))
    return sql`wanted AS (SELECT ${sql.raw(String(last))} AS tier, '""' AS fits),`
  const { text, tags, componentsOnly } = sought
  const labels = [...tags.map(toTag), ...(componentsOnly ? [COMPONENT] : [])].map(quote)
  const fixed = labels.length > 0 ? [sql`${`labels : (${labels.join(' AND ')})`}`] : []
  const all = text && anywhere(partsOf(text).map(bracketed))
  const tiers = text && ranked ? [...betterOf(text), all] : [all]
  const rows = tiers.map((tier, i) => {
    const fits = sql.join([...(tier ? [tier] : []), ...fixed], sql` || ' AND ' || `)
    return sql`SELECT ${sql.raw(String(last + 1 - tiers.length + i))} AS tier, '(' || ${fits} || ')' AS fits`
  })
  return sql`${spelled(text)} wanted AS MATERIALIZED (${sql.join(rows, sql` UNION ALL `)}),`
}

/** Of `plain`, in FTS5's language; a word is looked up in the CTE `word`. */
const partsOf = ({ words, phrases }: Wanted): SQL[] => [
  ...words.map((word, i) =>
    isSpelled(word)
      ? sql`(SELECT fits FROM word WHERE i = ${sql.raw(String(i))})`
      : sql`${begins(word)}`,
  ),
  ...phrases.map((phrase) => sql`${quote(phrase)}`),
]

const inColumns = (columns: string, parts: SQL[]) =>
  sql`${`${columns} : (`} || ${sql.join(parts, sql` || ' AND ' || `)} || ')'`
const anywhere = (brackets: SQL[]) => inColumns('{name words}', brackets)
const bracketed = (part: SQL) => sql`'(' || ${part} || ')'`

/** Whatever fits one tier fits those behind it too. */
function betterOf(text: Wanted): SQL[] {
  const parts = partsOf(text)
  const brackets = parts.map(bracketed)
  const [first = sql`'""'`, ...others] = parts
  const exact = sql`${`name : (^ ${quote([...text.words, ...text.phrases, END].join(' '))})`}`
  const beginning = inColumns('name', [
    sql`'(^' || replace(${first}, ' OR "', ' OR ^"') || ')'`,
    ...others.map(bracketed),
  ])
  return [exact, beginning, inColumns('name', brackets)]
}

/** Only these are in the index as they are here: no other letter is folded but by case. */
const isSpelled = (word: string) => /^[a-z0-9]{4,}$/.test(word)

/** SQL: the CTE `word(i, fits)` of words that are looked up, by their place. */
function spelled(text: Wanted | undefined): SQL {
  const looked = (text?.words ?? []).map((word) => (isSpelled(word) ? word : null))
  if (looked.every((word) => word === null)) return sql``
  const next = (from: SQL) =>
    sql`(SELECT term FROM flowgate_search_term WHERE term >= ${from} LIMIT 1)`
  return sql`spelled(i, w, t, n) AS (SELECT key, value, ${next(sql`value`)}, 1 FROM json_each(${JSON.stringify(looked)}) WHERE type = 'text'
      UNION ALL SELECT i, w, ${next(sql`spelled.t || char(1)`)}, n + 1 FROM spelled
        WHERE substr(t, 1, length(w)) = w AND n <= ${sql.raw(String(MOST))}),
    word AS MATERIALIZED (SELECT i, CASE WHEN count(*) FILTER (WHERE substr(t, 1, length(w)) = w) BETWEEN 1 AND ${sql.raw(String(MOST))}
        THEN group_concat('"' || t || '"', ' OR ') FILTER (WHERE substr(t, 1, length(w)) = w) ELSE '"' || w || '" *' END AS fits
      FROM spelled GROUP BY i, w),`
}

const begins = (word: string) => `${quote(word)} *`
/** Nothing that is quoted here holds a quote. */
const quote = (text: string) => `"${text}"`

const toTag = (tag: string) =>
  TAG +
  Array.from(new TextEncoder().encode(tag), (byte) => byte.toString(16).padStart(2, '0')).join('')
