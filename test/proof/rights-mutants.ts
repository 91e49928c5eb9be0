// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the edits quote SQL templates
// Ways to gain, hide, delete or see what one may not: the five that once worked, and their kin. Two more
// (a parent that may only be read, a hidden name that is told) are seen by examples alone: test/projects.test.ts and
// test/blind-writes.test.ts; in a thousand random worlds nobody comes upon them.
import type { Mutant } from '../support/mutant.ts'

const moving = 'flows/moving.ts'
const flow = 'flows/update.ts'
const project = 'projects/update.ts'
const lists = 'projects/lists.ts'
const handOn = 'permitsAll(permissions, (permission) => mayFlow(permission, flowId))'
const leavesFlow = '${mayLeave(sql`f.id`)}'
const refuse = 'requireMovable(refused.rows)'

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
    edits: [[moving, ' AND ${permits(project, way)})`', ')`']],
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
]
