// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the edits quote SQL templates
// Ways to get the decision rule wrong, as edits of the source.

/** File below `src`, the text that must stand there exactly once, and what replaces it. */
type Edit = readonly [file: string, text: string, replacement: string]

const predicate = 'access/predicate.ts'
const grants = 'access/grants.ts'
const authenticate = 'access/authenticate.ts'
const flowArm =
  "${decidedAt(permission, 'Flow', sql`a.scope_type = 'Flow' AND a.scope_id = ${flowId}`)}"
const projectArm =
  "${decidedAt(permission, 'Flow', sql`a.scope_type = 'Project' AND a.scope_id = ${folderId}`)}"
const globalArm =
  "${decidedAt(permission, 'Flow', sql`a.scope_type = 'Global' AND a.scope_id IS NULL`)}"

export const mutants: { name: string; edits: Edit[] }[] = [
  {
    name: 'forget that an explicit flow grant overrides',
    edits: [[predicate, `${flowArm},`, '']],
  },
  {
    name: 'add inherited grants to explicit ones',
    edits: [
      [predicate, 'SELECT max(a.role_id IN (', 'SELECT nullif(max(a.role_id IN ('],
      [predicate, 'AND p.scope = ${scope}))', 'AND p.scope = ${scope})), 0)'],
    ],
  },
  {
    name: 'let the project decide before the flow',
    edits: [
      [predicate, flowArm, '<flow>'],
      [predicate, projectArm, flowArm],
      [predicate, '<flow>', projectArm],
    ],
  },
  {
    name: 'forget Global grants on flows',
    edits: [[predicate, `${globalArm}, 0))`, '0))']],
  },
  {
    name: 'forget Global grants on projects',
    edits: [
      [
        predicate,
        "${decidedAt(permission, 'Project', sql`a.scope_type = 'Global' AND a.scope_id IS NULL`)}, 0))",
        '0))',
      ],
    ],
  },
  {
    name: 'judge flows by project permissions',
    edits: [[predicate, 'p.scope = ${scope}', "p.scope = 'Project'"]],
  },
  {
    name: 'judge projects by flow permissions',
    edits: [[predicate, 'p.scope = ${scope}', "p.scope = 'Flow'"]],
  },
  {
    name: 'ask for Update where Read is needed',
    edits: [[predicate, 'p.name = ${permission}', "p.name = 'Update'"]],
  },
  {
    name: 'count any role as Read',
    edits: [[predicate, 'p.name = ${permission}', '1']],
  },
  {
    name: 'ask that all roles of a scope agree',
    edits: [[predicate, 'SELECT max(a.role_id', 'SELECT min(a.role_id']],
  },
  {
    name: 'look at the first role of a scope only',
    edits: [
      [predicate, 'SELECT max(a.role_id IN (', 'SELECT (a.role_id IN ('],
      [predicate, 'AND ${isLive(sql`a`)})`', 'AND ${isLive(sql`a`)} LIMIT 1)`'],
    ],
  },
  {
    name: "use other users' grants",
    edits: [[predicate, 'a.user_id = (SELECT id FROM me) AND', '']],
  },
  {
    name: 'ignore expiry',
    edits: [[grants, '(${a}.expires_at IS NULL OR ${a}.expires_at > ${now})', '1']],
  },
  {
    name: 'let every grant with an end be over',
    edits: [[grants, ' OR ${a}.expires_at > ${now}', '']],
  },
  {
    name: 'keep expired Global Admins',
    edits: [[grants, ' AND ${isLive(sql`a`)}))`', '))`']],
  },
  {
    name: 'take any Global role for Admin',
    edits: [[grants, "AND r.name = 'Admin'", '']],
  },
  {
    name: 'take Admin of any scope for Global Admin',
    edits: [[grants, "AND a.scope_type = 'Global' AND a.scope_id IS NULL", '']],
  },
  {
    name: 'forget superusers',
    edits: [[grants, '${user}.is_superuser OR', '']],
  },
  {
    name: 'forget Global Admins',
    edits: [[grants, "r.name = 'Admin'", "r.name = 'admin'"]],
  },
  {
    name: 'serve inactive users',
    edits: [
      [authenticate, '!user?.is_active', '!user'],
      [predicate, ' AND u.is_active)', ')'],
    ],
  },
  {
    name: 'show every flow of a readable project',
    edits: [['projects/query.ts', " AND ${mayFlow('Read', sql`f.id`, sql`f.folder_id`)}", '']],
  },
  {
    name: 'count flows that the caller may not see',
    edits: [
      [
        'flows/query.ts',
        'SELECT count(*) AS total ${visible}',
        'SELECT count(*) AS total FROM flow f WHERE f.folder_id = ${project}',
      ],
    ],
  },
]
