// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the edits quote SQL templates
// Ways to get the decision rule wrong, as edits of the source.

import type { Mutant } from '../support/mutant.ts'

const predicate = 'access/predicate.ts'
const visible = 'access/visible.ts'
const found = 'search/found.ts'
const reach = 'search/reach.ts'
const sought = 'flows/listing/sought.ts'
const terms = 'access/terms.ts'
const shape = 'access/shape.ts'
const grants = 'access/grants.ts'
const shared = 'access/shared.ts'
const flowArm = "${decidedAt(permission, 'Flow', atFlow(flowId), who)},"
const projectArm = "${decidedAt(permission, 'Flow', atProject(folderId), who)},"
const verdict = 'SELECT max(${who.holds(permission, scope)}) ${grantsOf(who, grants)}'
const isAdmin = '${isAdminGrant(sql`a`)} AND ${isLive(sql`a`)}`'
const adminRole = ' AND ${a}.role_id = ${adminRole})`'

const member = 'a.team_id = m.team_id AND m.user_id = ${member} AND ${atPlace ?? condition}'
const teamGrants = [
  'flowgate_team_grant a CROSS JOIN flowgate_team_member m`',
  'flowgate_team_member m CROSS JOIN flowgate_team_grant a`',
] as const
/** Of a team's grants that never end. */
const endless = `(SELECT rowid, id, team_id, role_id, scope_type, scope_id, created_at, created_by, NULL AS expires_at FROM flowgate_team_grant) a`

const orNot = " OR NOT ${decidedAt('Read', 'Flow', at(sql`x.id`), asCaller)}"

export const mutants: Mutant[] = [
  {
    name: 'forget teams',
    edits: [[grants, member, `${member} AND 0`]],
  },
  {
    name: 'forget teams in listings',
    edits: [[terms, '${isInTeams(sql`u.id`)} AS in_teams', '0 AS in_teams']],
  },
  {
    name: 'forget teams where it asks who is admin',
    edits: [
      [grants, '  SELECT 1 ${grantsHeld(sql`${user}.id`', '  SELECT 1 ${ownGrants(sql`${user}.id`'],
    ],
  },
  {
    name: 'use grants of teams that one is not in',
    edits: [[grants, member, member.replace('a.team_id = m.team_id AND ', '')]],
  },
  {
    name: 'take everybody for a member of every team',
    edits: [[grants, member, member.replace('m.user_id = ${member} AND ', '')]],
  },
  {
    name: "ignore the end of teams' grants",
    edits: teamGrants.map((text) => [grants, text, text.replace('flowgate_team_grant a', endless)]),
  },
  {
    name: 'let own grants replace those of teams at the same scope',
    edits: [
      [grants, member, `${member} AND NOT EXISTS (SELECT 1 \${ownGrants(userId, condition)})`],
    ],
  },
  {
    name: 'look into one project too few for a first page',
    edits: [[visible, 'kept.head_id DESC LIMIT ${limit + skip}', 'kept.head_id DESC LIMIT 1']],
  },
  {
    name: 'list a flow as often as teams and oneself hold its project',
    edits: [[terms, 'SELECT DISTINCT x.id', 'SELECT x.id']],
  },
  {
    name: 'count what one team hides and another shows',
    edits: [[terms, orNot, ' OR 1']],
  },
  {
    name: 'count what teams hide',
    edits: [[terms, orNot, '']],
  },
  {
    name: 'count the own grants twice of who is in a team',
    edits: [[terms, 'NOT ${toSql(inTeams)} AND ', '']],
  },
  {
    name: 'forget that an explicit flow grant overrides',
    edits: [[predicate, flowArm, '']],
  },
  {
    name: 'forget it in listings of those who inherit everything',
    edits: [[visible, '[terms.ofFlow]', '[]']],
  },
  {
    name: 'forget it in listings by project',
    edits: [[visible, ' AND NOT ${byItself}', '']],
  },
  {
    name: 'forget it in totals',
    edits: [[visible, 'sum(g.allow - ${otherwise})', 'sum(0 * (g.allow - ${otherwise}))']],
  },
  {
    name: 'add inherited grants to explicit ones',
    edits: [[predicate, verdict, verdict.replace(/max(.*\)}\))/, 'nullif(max$1, 0)')]],
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
    edits: [[predicate, "${decidedAt(permission, 'Flow', atGlobal, who)}, 0)", '0)']],
  },
  {
    name: 'forget Global grants in listings',
    edits: [[terms, '${readsAll(asUserRow(true))} AS globally', 'NULL AS globally']],
  },
  {
    name: 'forget Global grants on projects',
    edits: [[predicate, "${decidedAt(permission, 'Project', atGlobal, who)}, 0)", '0)']],
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
    name: 'count any permission as the one that is needed',
    edits: [[predicate, 'p.name = ${permission}', '1']],
  },
  {
    name: 'ask that all roles of a scope agree',
    edits: [[predicate, verdict, verdict.replace('max', 'min')]],
  },
  {
    name: 'look at the first role of a scope only',
    edits: [[predicate, verdict, `${verdict.replace('max', '')} LIMIT 1`]],
  },
  {
    name: "use other users' grants",
    edits: [[grants, 'a WHERE a.user_id = ${userId} AND', 'a WHERE ${userId} = ${userId} AND']],
  },
  {
    name: 'ignore expiry',
    edits: [[grants, '(${a}.expires_at IS NULL OR ${a}.expires_at > ${at})', '1']],
  },
  {
    name: 'let every grant with an end be over',
    edits: [[grants, ' OR ${a}.expires_at > ${at}', '']],
  },
  {
    name: 'keep expired Global Admins',
    edits: [[grants, isAdmin, '${isAdminGrant(sql`a`)}`']],
  },
  {
    name: 'take any Global role for Admin',
    edits: [[grants, adminRole, ')`']],
  },
  {
    name: 'take Admin of any scope for Global Admin',
    edits: [[grants, "${a}.scope_type = 'Global' AND ${a}.scope_id IS NULL AND ", '']],
  },
  {
    name: 'forget Global Admins',
    edits: [[grants, "systemRole('Admin')", "systemRole('Owner')"]],
  },
  {
    name: 'forget superusers',
    edits: [[grants, '(${user}.is_superuser OR EXISTS', '(EXISTS']],
  },
  {
    name: 'serve inactive users',
    edits: [
      ['identity/authenticate.ts', '!user?.is_active', '!user'],
      [predicate, ' AND myself.is_active)', ')'],
    ],
  },
  {
    name: 'serve inactive users in listings',
    edits: [
      ['identity/authenticate.ts', '!user?.is_active', '!user'],
      [terms, 'CASE WHEN c.is_active THEN', 'CASE WHEN 1 THEN'],
      [shape, '(u.is_active AND ', '('],
    ],
  },
  {
    name: 'forget grants on the project in its listing',
    edits: [[terms, 'coalesce(${ofProject}, ', 'coalesce(']],
  },
  {
    name: 'forget them in listings of those who inherit everything',
    edits: [[visible, '[terms.ofItsProject]', '[]']],
  },
  {
    name: 'forget them in totals',
    edits: [[visible, 'coalesce(${terms.ofItsProject}, ${toSql(inherits)})', '${toSql(inherits)}']],
  },
  {
    name: 'let all roles of a project or flow agree in listings',
    edits: [[terms, 'max(${allows}) AS allow', 'min(${allows}) AS allow']],
  },
  {
    name: 'show every flow of a readable project',
    edits: [['projects/query.ts', " AND ${mayFlow('Read', sql`f.id`, sql`f.folder_id`)}", '']],
  },
  {
    name: 'count flows of a project that the caller may not see',
    edits: [
      [
        'projects/query.ts',
        'SELECT count(*) AS total FROM flow f WHERE ${matching}',
        'SELECT count(*) AS total FROM flow f WHERE f.folder_id = ${id}',
      ],
    ],
  },
  {
    name: 'share what is in a readable project',
    edits: [[shared, "(${itsProject} IS NULL OR NOT ${mayProject('Read', itsProject)})", '1']],
  },
  {
    name: 'share it in listings',
    edits: [
      [shared, '(f.folder_id IS NOT NULL AND coalesce(${seesItsProject}, ${seesAll}, 0))', '0'],
    ],
  },
  {
    name: 'forget explicit flow grants in what is shared',
    edits: [[shared, 'NOT (c.has_flow_grants AND ${hasOwnGrant})', '1']],
  },
  {
    name: 'forget them in the total of what is shared',
    edits: [[shared, 'sum(g.allow - coalesce(${ofItsProject}, c.inherits))', 'sum(g.allow)']],
  },
  {
    name: 'share with admins',
    edits: [
      [shared, "(NOT ${amAdmin} AND ${mayFlow('Read', sql`f.id`", "(${mayFlow('Read', sql`f.id`"],
    ],
  },
  {
    name: 'share nothing of a project whose flows alone are read',
    edits: [[shared, 'WHERE p.shared AND NOT ${everywhere}', 'WHERE 0 AND NOT ${everywhere}']],
  },
  {
    name: 'share nothing that is in no project',
    edits: [[shared, 'WHERE x.folder_id IS NULL LIMIT', 'WHERE 0 LIMIT']],
  },
  {
    name: 'believe what it remembers of a caller',
    edits: [[terms, ' AND ${isTheirs}', '']],
  },
  {
    name: 'believe that somebody still is a superuser',
    edits: [[shape, 'superuser: sql`u.is_superuser`', 'superuser: sql`1`']],
  },
  {
    name: 'believe that somebody still is a Global Admin',
    edits: [[shape, 'admin: isAdmin(sql`u`)', 'admin: sql`1`']],
  },
  {
    name: 'believe that Global grants still let somebody read',
    edits: [[shape, ' AND ${readsAll(theirs)}', '']],
  },
  {
    name: 'believe that who reads everything still is no admin',
    edits: [[shape, 'reader: sql`NOT ${isAdmin(sql`u`, inTeams)} AND ', 'reader: sql`']],
  },
  {
    name: 'believe that somebody still holds no Global grant',
    edits: [[shape, "IN ('Global'${ofFlows})", "IN (''${ofFlows})"]],
  },
  {
    name: 'believe that somebody still holds no grant on a flow',
    edits: [
      [shape, "`, 'Flow'`)", '``)'],
      [shape, "isGranted(sql`a.scope_type = 'Flow'`, theirs)", 'sql`0`'],
    ],
  },
  {
    name: 'believe that somebody still is in no team',
    edits: [[shape, 'sql`NOT ${isInTeams(sql`u.id`)}`', 'sql`1`']],
  },
  {
    name: 'believe that a member has not become a superuser',
    edits: [[shape, 'member: sql`NOT u.is_superuser AND ', 'member: sql`']],
  },
  {
    name: 'delete what may only be read',
    edits: [['flows/delete.ts', "${mayFlow('Delete', sql`f.id`", "${mayFlow('Read', sql`f.id`"]],
  },
  // Nor may the same roles at other scopes be taken for alike: random worlds meet that too seldom, test/access-list.test.ts does.
  {
    name: 'take those who hold something at the same scopes for alike where it lists who may do what',
    edits: [['grants/access-list.ts', '`concat(a.scope_type, a.role_id)`', '`a.scope_type`']],
  },
  {
    name: 'forget teams where it lists who may do what',
    edits: [
      [grants, 'UNION ALL SELECT m.user_id, ${held} FROM', 'UNION ALL SELECT NULL, ${held} FROM'],
    ],
  },
  {
    name: 'find flows that a grant on themselves hides',
    edits: [[found, 'WHERE NOT g.allow`', 'WHERE 0`']],
  },
  {
    name: 'find flows of projects that are not theirs',
    edits: [
      [found, '(c.exact OR ${reached})', '1'],
      [reach, 'CASE WHEN c.exact THEN', 'CASE WHEN 0 THEN'],
    ],
  },
  {
    name: 'find flows by grants on them that do not allow to read',
    edits: [[found, ' AND g.allow AND NOT', ' AND NOT']],
  },
  {
    name: 'find flows twice that grants and projects open',
    edits: [[found, 'g.allow AND NOT ${reached} AND', 'g.allow AND']],
  },
  {
    name: 'find whatever was saved once more',
    edits: [[found, 'f.moved IS NOT NULL AND ${decided}', 'f.moved IS NOT NULL']],
  },
  {
    name: 'find what was saved once more in all projects',
    edits: [[found, 'inProject ? sql`AND f.folder_id = c.folder_id` : sql``', 'sql``']],
  },
  {
    name: 'find twice what was saved once more',
    edits: [[found, 'WHERE moved IS NOT NULL ${isGiven', 'WHERE 0 ${isGiven']],
  },
  {
    name: 'count flows that it does not find',
    edits: [
      [sought, 'json_array_length(c.newest)', '(SELECT count(*) FROM flowgate_search_entry)'],
    ],
  },
  {
    name: 'find hidden flows by relevance',
    edits: [
      [
        found,
        'FROM ${newest} UNION ALL',
        'FROM (SELECT at, at AS k FROM flowgate_search_entry) UNION ALL',
      ],
    ],
  },
  {
    name: 'look for words as they are written',
    edits: [['search/words.ts', 'fold(word.toLowerCase())', 'word.toLowerCase()']],
  },
]
