// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the edits quote SQL templates
// Ways to gain, hide, delete or see what one may not: the five that once worked, and their kin. Where chance hardly ever
// meets one, some worlds invite to it (test/support/lures.ts).
import type { Edit, Mutant } from '../support/mutant.ts'

const moving = 'flows/moving.ts'
const flow = 'flows/update.ts'
const project = 'projects/update.ts'
const lists = 'projects/lists.ts'
const handOn = 'permitsAll(permissions, (permission) => mayFlow(permission, flowId))'
const leavesFlow = '${mayLeave(sql`f.id`)}'
const places = 'grants/places.ts'
const entitled = 'permitsAll(permissions, '
const granting = 'grants/granting.ts'
const refuse = 'requireMovable(refused.rows)'

/** Two locks: whoever may not do everything there holds less than any role, and gives none. This opens the second. */
const unlimited: Edit[] = [
  [granting, "['more', sql`${right} = ''`],", ''],
  [granting, "['ends', outlives(wanted.ends, right)],", ''],
]

export const mutants: Mutant[] = [
  {
    name: 'let an Editor move a flow by PATCH',
    edits: [
      [moving, '(${stays} OR (${leaves} AND ${enters}))', '(${stays} OR ${enters})'],
      [moving, 'if (leaves) return', 'return'],
    ],
  },
  {
    name: 'let a new project take what it lists',
    edits: [
      ['projects/create.ts', 'input, mayMoveAll(flows, sql`${id}`)', 'input, sql`1`'],
      ['projects/create.ts', refuse, ''],
    ],
  },
  {
    name: 'let a project take what it lists',
    edits: [
      [lists, '${mayMoveAll(wanted, project)} AND ', ''],
      [project, refuse, ''],
    ],
  },
  {
    name: 'delete flows with their project that may not be deleted alone',
    edits: [
      ['projects/delete.ts', ' AND NOT EXISTS (SELECT 1 ${kept})', ''],
      ['projects/delete.ts', 'kept > 0', 'kept < 0'],
    ],
  },
  {
    name: 'hand the flows of a project without a user to whoever asks',
    edits: [
      [lists, 'sql`(SELECT u.id FROM', 'sql`(SELECT coalesce(u.id, ${myId}) FROM'],
      [lists, 'JOIN user u', 'LEFT JOIN user u'],
      [lists, leavesFlow, "${mayFlow('Update', sql`f.id`)}"],
      [lists, 'import { projectOf }', 'import { mayFlow, myId, projectOf }'],
    ],
  },
  {
    name: 'let go out what may only be changed',
    edits: [
      [lists, leavesFlow, "${mayFlow('Update', sql`f.id`)}"],
      [lists, 'import { projectOf }', 'import { mayFlow, projectOf }'],
    ],
  },
  {
    name: 'ask for Update alone where a flow leaves',
    edits: [['access/predicate.ts', handOn, handOn.replace('permissions', "['Update']")]],
  },
  {
    name: 'ask for Update and Delete alone where a flow leaves',
    edits: [['access/predicate.ts', handOn, handOn.replace('permissions', "['Update', 'Delete']")]],
  },
  {
    name: 'let flows in without Create',
    edits: [[moving, ' AND ${permits(project, arrival)})`', ')`']],
  },
  {
    name: 'hang a project under one that may only be read',
    edits: [[project, "const allowed = mayProject('Update'", "const allowed = mayProject('Read'"]],
  },
  {
    name: 'say that something hidden has a name',
    edits: [
      ['flows/names.ts', 'AND NOT (${mayRead(sql`self`)}', 'AND 0 AND NOT (${mayRead(sql`self`)}'],
    ],
  },
  {
    name: 'give more of the flows in a project than the giver holds there',
    edits: [
      ['access/until.ts', "OR (${scope} = 'Project' AND", "OR (0 AND ${scope} = 'Project' AND"],
    ],
  },
  {
    name: 'publish with Update',
    edits: [[flow, ' OR ${mayHandOn(flow)})', ' OR 1)']],
  },
  {
    name: 'show a flow to whoever changes it',
    edits: [[flow, " AND ${mayFlow('Read', sql`f.id`)}", '']],
  },
  {
    name: 'show a project to whoever changes it',
    edits: [[project, ' AND ${mayRead}`', '`']],
  },
  {
    name: 'let whoever reads a flow share it',
    edits: [
      [places, entitled, "permitsAll(place.scope === 'Flow' ? ['Read'] : permissions, "],
      ...unlimited,
    ],
  },
  {
    name: 'let whoever changes a project share it',
    edits: [
      [places, entitled, "permitsAll(place.scope === 'Project' ? ['Update'] : permissions, "],
      ...unlimited,
    ],
  },
  {
    name: 'let a share outlast the right of whoever gives it',
    edits: [[granting, "['ends', outlives(wanted.ends, right)],", '']],
  },
  {
    name: 'let one share with oneself',
    edits: [[granting, 'sql`${holder.user} = ${myId}`', 'sql`(0 AND ${holder.user} = ${myId})`']],
  },
  {
    name: 'let a member end what they hold by their team alone',
    edits: [[granting, ': sql`(${isMember(', ': sql`(0 AND ${isMember(']],
  },
  {
    name: 'leave what a team held on a flow that is gone',
    edits: [['flows/delete.ts', '  ...endTeamGrants(author, condition),', '']],
  },
]
