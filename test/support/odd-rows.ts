// Flows as nobody should store them and somebody has: what each holds in SQL, and what is shown of it.

export type OddRow = {
  /** SQL by column. */
  set: Record<string, string>
  /** Fields of the body, where they are not those of an ordinary flow. */
  shows?: Record<string, unknown>
  /** Why there is no graph; `ordinary` where the graph is shown. */
  state?: 'broken' | 'too_large'
}

const ordinary = '{"nodes":[],"edges":[]}'
const letters = (bytes: number) => `hex(zeroblob(${bytes / 2}))`
const graphOf = (bytes: number) => `'{"nodes":[],"edges":[],"x":"' || ${letters(bytes)} || '"}'`
const nothing = { data: null }

export const oddRows: Record<string, OddRow> = {
  'a graph as BLOB': { set: { data: `CAST('${ordinary}' AS BLOB)` } },
  'a graph as BLOB that is no UTF-8': {
    set: { data: `x'7b2261223a22ff227d'` },
    shows: { data: { a: '\ufffd' } },
  },
  'a graph as text that is no UTF-8': {
    set: { data: `CAST(x'7b2261223a22ff227d' AS TEXT)` },
    shows: { data: { a: '\ufffd' } },
  },
  'a graph that goes on behind a NUL': { set: { data: `'{}' || char(0)` }, state: 'broken' },
  'a graph that is cut off': { set: { data: `'{"nodes":['` }, state: 'broken' },
  'no text for a graph': { set: { data: `''` }, state: 'broken' },
  'a number for a graph': { set: { data: '5' }, state: 'broken' },
  'the largest integer for a graph': { set: { data: '9223372036854775807' }, state: 'broken' },
  'infinity for a graph': { set: { data: '9e999' }, state: 'broken' },
  'a word for a graph': { set: { data: `'"x"'` }, state: 'broken' },
  'a list for a graph': { set: { data: `'[1]'` }, state: 'broken' },
  'the text null for a graph': { set: { data: `'null'` }, shows: nothing },
  'no graph': { set: { data: 'NULL' }, shows: nothing },
  'a graph of 5.5 MB': { set: { data: graphOf(5_500_000) }, shows: {} },
  'a graph of 5.5 MB of quotes': {
    set: { data: `'{"x":"' || replace(${letters(2_700_000)}, '0', '\\"') || '"}'` },
    shows: {},
  },
  'a graph of 7 MB': { set: { data: graphOf(7_000_000) }, state: 'too_large' },
  'a graph of 12 MB': { set: { data: graphOf(12_000_000) }, state: 'too_large' },
  'a graph of 7 MB in what may be a component': {
    set: { data: graphOf(7_000_000), is_component: 'NULL' },
    state: 'too_large',
  },
  'a component of 12 MB': {
    set: { data: graphOf(12_000_000), is_component: '1' },
    state: 'too_large',
  },
  'a broken component': {
    set: { data: `'{"nodes":'`, is_component: '1' },
    shows: { is_component: true },
    state: 'broken',
  },
  'a flag that is text': { set: { is_component: `'yes'`, locked: `x'01'`, webhook: '9e999' } },
  'tags as BLOB': { set: { tags: `CAST('["a"]' AS BLOB)` }, shows: { tags: ['a'] } },
  'tags that are cut off': { set: { tags: `'["a'` }, shows: { tags: [] } },
  'a number for tags': { set: { tags: '5' }, shows: { tags: [] } },
  'infinity for tags': { set: { tags: '-9e999' }, shows: { tags: [] } },
  'an object for tags': { set: { tags: `'{"a":1}'` }, shows: { tags: [] } },
  'tags of all sorts': { set: { tags: `'[1,"a",null,{}]'` }, shows: { tags: ['a'] } },
  'a name as BLOB': { set: { name: `CAST('blob' AS BLOB)` }, shows: { name: 'blob' } },
  'a name as BLOB that is no UTF-8': { set: { name: `x'61ff'` }, shows: { name: 'a\ufffd' } },
  'a name that is no UTF-8': {
    set: { name: `CAST(x'62ff' AS TEXT)` },
    shows: { name: 'b\ufffd' },
  },
  'a number for a name': { set: { name: '7' }, shows: { name: '7' } },
  'a name of 7 MB': { set: { name: letters(7_000_000) }, shows: { name: '' } },
  'a description as BLOB': {
    set: { description: `x'ff'`, icon: `CAST('i' AS BLOB)`, endpoint_name: `CAST('e' AS BLOB)` },
    shows: { description: '\ufffd', icon: 'i', endpoint_name: 'e' },
  },
  'a description of 7 MB': {
    set: { description: letters(7_000_000) },
    shows: { description: null },
  },
  'texts of control characters': {
    set: Object.fromEntries(
      ['description', 'gradient', 'action_name', 'action_description', 'icon'].map((name) => [
        name,
        `replace(${letters(1_000_000)}, '0', char(1))`,
      ]),
    ),
    shows: {},
  },
  'seconds for a time': {
    set: { updated_at: '1700000000' },
    shows: { updated_at: '2023-11-14T22:13:20+00:00' },
  },
  'parts of a second for a time': {
    set: { updated_at: '1700000000.1' },
    shows: { updated_at: '2023-11-14T22:13:20+00:00' },
  },
  'milliseconds for a time': {
    set: { updated_at: '1700000000123' },
    shows: { updated_at: '2023-11-14T22:13:20+00:00' },
  },
  'the largest integer for a time': {
    set: { updated_at: '9223372036854775807' },
    shows: { updated_at: '2262-04-11T23:47:16+00:00' },
  },
  'nearly the largest integer for a time': {
    set: { updated_at: '9223372036854775806' },
    shows: { updated_at: '2262-04-11T23:47:16+00:00' },
  },
  'infinity for a time': { set: { updated_at: '9e999' }, shows: { updated_at: null } },
  'a word for a time': { set: { updated_at: `'yesterday'` }, shows: { updated_at: null } },
  'a day that there is not': {
    set: { updated_at: `'2024-02-30 00:00:00'` },
    shows: { updated_at: null },
  },
  'a time as BLOB': { set: { updated_at: `x'32303236ff'` }, shows: { updated_at: null } },
  'a time elsewhere': {
    set: { updated_at: `'2024-01-01T12:00:00+02:00'` },
    shows: { updated_at: '2024-01-01T10:00:00+00:00' },
  },
  'no time': { set: { updated_at: 'NULL' }, shows: { updated_at: null } },
  'an access type in small letters': { set: { access_type: `'public'` } },
  'an access type as BLOB': { set: { access_type: `CAST('PUBLIC' AS BLOB)` } },
  'an access type of somebody else': { set: { access_type: `'SECRET'` } },
}

export const showsOrdinary = { data: JSON.parse(ordinary), access_type: 'PRIVATE' }

/** The statement that makes a flow one of these. */
export const toOdd = ({ set }: OddRow, id: string) => ({
  sql: `UPDATE flow SET ${Object.entries(set)
    .map(([column, value]) => `${column} = ${value}`)
    .join(', ')} WHERE id = ?`,
  args: [id],
})
