// What a person should know of a database before flowgate adopts it, and may ask of one that it has. Each is
// one row with the number `n`, only reads, and has nothing to say where a table is not there. On a million
// flows the dearest (flows that will move) takes three seconds of the database's CPU, the others one at most.

/** An id in the one spelling that adoption leaves: 32 characters, no dashes, lower case. */
const key = (id: string) =>
  `iif(length(${id}) = 32, lower(${id}), iif(length(replace(${id}, '-', '')) = 32, lower(replace(${id}, '-', '')), ${id}))`

const keysOf = (table: string) => `(SELECT ${key('id')} FROM ${table})`

/** Rows of the table whose reference names nothing; looks once at each value, in an index where there is one. */
const orphans = (table: string, column: string, target: string, where = '1') =>
  `SELECT coalesce(sum(n), 0) AS n FROM (SELECT ${column} AS id, count(*) AS n FROM ${table}
    WHERE ${column} IS NOT NULL AND ${where} GROUP BY ${column}) WHERE ${key('id')} NOT IN ${keysOf(target)}`

/** A sum over columns, so that each is read in an index of its own: a flow's row may hold a graph of megabytes. */
const oddIds = (table: string, columns: string[]) =>
  `SELECT ${columns
    .map(
      (column) =>
        `(SELECT count(*) FROM ${table} WHERE length(${column}) <> 32 OR ${column} <> lower(${column}))`,
    )
    .join(' + ')} AS n`

const twice = (table: string, columns: string[]) =>
  `SELECT coalesce(sum(n - 1), 0) AS n FROM (SELECT count(*) AS n FROM ${table} GROUP BY ${columns.join(', ')})`

/**
 * The examples are known by their name here, as adoption knows them: nothing marks them before it.
 * Where a flow lies and who wrote it come from two indexes and are put together by rowid, then looked at once
 * per author and project. What lies among the examples stays where it is.
 */
const strayFlows = `WITH project AS MATERIALIZED (SELECT ${key('id')} AS id, ${key('user_id')} AS user_id,
    user_id IS NULL AND name = 'Starter Projects' AS is_examples FROM folder),
  half AS (SELECT rowid AS rid, user_id AS author, NULL AS project FROM flow WHERE user_id IS NOT NULL
    UNION ALL SELECT rowid, NULL, folder_id FROM flow WHERE folder_id IS NOT NULL),
  whole AS (SELECT max(author) AS author, max(project) AS project FROM half GROUP BY rid),
  part AS (SELECT author, project, count(*) AS n FROM whole
    WHERE author IS NOT NULL AND project IS NOT NULL GROUP BY author, project)
SELECT coalesce(sum(n), 0) AS n FROM part LEFT JOIN project p ON p.id = ${key('part.project')}
WHERE p.user_id IS NOT ${key('part.author')} AND NOT coalesce(p.is_examples, 0)
  AND ${key('part.author')} IN ${keysOf('user')}`

/** sqld reads and writes no value and no row of 5,000,000 bytes; this leaves room for the other columns. */
const TOO_LARGE = 4_900_000

/** Graphs are read until they come to this many bytes: all of them could be a database of many gigabytes. */
const READ_MAX = 256_000_000
const brokenGraphs = `SELECT count(*) AS n FROM (
    SELECT rowid AS rid, sum(octet_length(data)) OVER (ORDER BY rowid ROWS UNBOUNDED PRECEDING) AS read FROM flow
  ) w CROSS JOIN flow f ON f.rowid = w.rid
  WHERE w.read <= ${READ_MAX} AND f.data IS NOT NULL
    AND CASE WHEN octet_length(f.data) < ${TOO_LARGE} THEN NOT json_valid(CAST(f.data AS TEXT)) ELSE 0 END`

type Finding = { readonly name: string; readonly sql: string }

export const findings: readonly Finding[] = [
  {
    name: 'flows of 4.9 MB and more, which no answer can carry and the server cannot change',
    sql: `SELECT count(*) AS n FROM flow WHERE octet_length(data) >= ${TOO_LARGE}`,
  },
  {
    name: `flows whose graph is not JSON (of the first ${READ_MAX / 1e6} MB)`,
    sql: brokenGraphs,
  },
  {
    name: 'flows whose graph or tags are stored as BLOB (read as text)',
    sql: `SELECT count(*) AS n FROM flow WHERE typeof(data) = 'blob' OR typeof(tags) = 'blob'`,
  },
  {
    name: "flows in a project that is gone or not their author's (from before RBAC: they move to the author's own)",
    sql: strayFlows,
  },
  { name: 'flows whose author is gone', sql: orphans('flow', 'user_id', 'user') },
  { name: 'flows whose project is gone', sql: orphans('flow', 'folder_id', 'folder') },
  { name: 'projects whose user is gone', sql: orphans('folder', 'user_id', 'user') },
  { name: 'keys whose user is gone', sql: orphans('apikey', 'user_id', 'user') },
  { name: 'grants to users who are gone', sql: orphans('userroleassignment', 'user_id', 'user') },
  { name: 'grants of roles that are gone', sql: orphans('userroleassignment', 'role_id', 'role') },
  {
    name: 'grants on flows that are gone',
    sql: orphans('userroleassignment', 'scope_id', 'flow', `scope_type = 'Flow'`),
  },
  {
    name: 'grants on projects that are gone',
    sql: orphans('userroleassignment', 'scope_id', 'folder', `scope_type = 'Project'`),
  },
  ...Object.entries({
    user: ['id'],
    folder: ['id', 'parent_id', 'user_id'],
    flow: ['id', 'user_id', 'folder_id'],
    apikey: ['id', 'user_id'],
    role: ['id'],
    permission: ['id'],
    rolepermission: ['id', 'role_id', 'permission_id'],
    userroleassignment: ['id', 'user_id', 'role_id', 'scope_id', 'created_by'],
  }).map(([table, columns]) => ({
    name: `ids in ${table} with dashes, upper case, or not of 32 characters`,
    sql: oddIds(table, columns),
  })),
  {
    name: 'grants held twice',
    sql: twice('userroleassignment', [
      key('user_id'),
      key('role_id'),
      'scope_type',
      key('scope_id'),
    ]),
  },
  {
    name: 'permissions that a role holds twice',
    sql: twice('rolepermission', [key('role_id'), key('permission_id')]),
  },
  {
    name: "users whose name is another's but for case and blanks (both go on working; nobody else gets one like it)",
    sql: twice('user', ['lower(trim(username))']),
  },
  {
    name: "roles whose name is another's but for case and blanks",
    sql: twice('role', ['lower(trim(name))']),
  },
  {
    name: 'roles named like one of the system that are none of the system (rename them: nothing is granted by them)',
    sql: `SELECT count(*) AS n FROM role WHERE name IN ('Viewer', 'Editor', 'Owner', 'Admin') AND NOT is_system_role`,
  },
]
