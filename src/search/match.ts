// What is looked for -> the text that FTS5 takes, as SQL. Only words and labels that are quoted stand in it, so no search
// is an error.
//
// A beginning of up to five letters has a list of its own in the index. A longer one would be collected from the lists
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
const [END, PROJECT, TAG, COMPONENT, DOUBTFUL] = ['\ue000', '\ue001', '\ue002', '\ue003', '\ue004']

/** SQL: the label of flows of this project, quoted. */
export const labelOf = (project: SQL): SQL =>
  sql`'"' || ${sql.raw(`char(${PROJECT.charCodeAt(0)})`)} || hex(${project}) || '"'`

/** SQL, behind what fits: without those whose graph says whether they are components, and these alone. */
export const [certain, doubtful] = ['NOT', 'AND'].map(
  (how) => sql`${` ${how} labels : "${DOUBTFUL}"`}`,
) as [SQL, SQL] // as many as the list has

/** Whether nothing at all can be found. */
export const isHopeless = ({ text }: Sought): boolean => text !== undefined && isEmpty(text)

/** SQL, a column: what each word of the text may be in the index, in FTS5's language, as a JSON list. */
export function wordsOf({ text }: Sought): SQL {
  const words = text?.words ?? []
  const spelled = words.flatMap((word, i) =>
    isSpelled(word) ? [sql`${`$[${i}]`}, ${spell(word)}`] : [],
  )
  const begun = JSON.stringify(words.map(begins))
  return spelled.length === 0
    ? sql`${begun}`
    : sql`json_set(${begun}, ${sql.join(spelled, sql`, `)})`
}

/** SQL, a column over a row `c` with `words`: what all must fit. */
export function fitsOf(sought: Sought): SQL {
  if (isHopeless(sought)) return sql`'""'`
  const { text } = sought
  return withLabels(sought, text && anywhere(partsOf(text).map(bracketed)))
}

/** SQL, the same: what those of the better tiers must, best first, as a JSON list. Whatever fits one fits those behind it too. */
export function tiersOf(sought: Sought): SQL {
  const { text } = sought
  if (!text || isHopeless(sought)) return sql`'[]'`
  const parts = partsOf(text)
  const brackets = parts.map(bracketed)
  const [first = sql`'""'`, ...others] = parts
  const exact = sql`${`name : (^ ${quote([...text.words, ...text.phrases, END].join(' '))})`}`
  const beginning = inColumns('name', [
    sql`'(^' || replace(${first}, ' OR "', ' OR ^"') || ')'`,
    ...others.map(bracketed),
  ])
  const tiers = [exact, beginning, inColumns('name', brackets)]
  return sql`json_array(${sql.join(
    tiers.map((tier) => withLabels(sought, tier)),
    sql`, `,
  )})`
}

function withLabels({ tags, componentsOnly }: Sought, words: SQL | undefined): SQL {
  const labels = [...tags.map(toTag), ...(componentsOnly ? [COMPONENT] : [])].map(quote)
  const fixed = labels.length > 0 ? [sql`${`labels : (${labels.join(' AND ')})`}`] : []
  return sql`'(' || ${sql.join([...(words ? [words] : []), ...fixed], sql` || ' AND ' || `)} || ')'`
}

const partsOf = ({ words, phrases }: Wanted): SQL[] => [
  ...words.map((_, i) => sql`(c.words ->> ${sql.raw(String(i))})`),
  ...phrases.map((phrase) => sql`${quote(phrase)}`),
]

const inColumns = (columns: string, parts: SQL[]) =>
  sql`${`${columns} : (`} || ${sql.join(parts, sql` || ' AND ' || `)} || ')'`
const anywhere = (brackets: SQL[]) => inColumns('{name words}', brackets)
const bracketed = (part: SQL) => sql`'(' || ${part} || ')'`

/** Only these are in the index as they are here: no other letter is folded but by case. Shorter ones have lists of their own. */
const isSpelled = (word: string) => /^[a-z0-9]{6,}$/.test(word)

/** SQL: all words of the index that begin like this one, or its beginning where there are too many of these, or none. */
function spell(word: string): SQL {
  const next = (from: SQL) =>
    sql`(SELECT term FROM flowgate_search_term WHERE term >= ${from} LIMIT 1)`
  const most = sql.raw(String(MOST))
  return sql`(WITH RECURSIVE spelled(t, n) AS (SELECT ${next(sql`${word}`)}, 1
      UNION ALL SELECT ${next(sql`t || char(1)`)}, n + 1 FROM spelled WHERE substr(t, 1, ${word.length}) = ${word} AND n <= ${most})
    SELECT CASE WHEN count(*) BETWEEN 1 AND ${most} THEN group_concat('"' || t || '"', ' OR ') ELSE ${begins(word)} END
    FROM spelled WHERE substr(t, 1, ${word.length}) = ${word})`
}

const begins = (word: string) => `${quote(word)} *`
/** Nothing that is quoted here holds a quote. */
const quote = (text: string) => `"${text}"`

const toTag = (tag: string) =>
  TAG +
  Array.from(new TextEncoder().encode(tag), (byte) => byte.toString(16).padStart(2, '0')).join('')
