// What LangBuilder's databases hold that nobody planned: ids in every spelling, things held twice, and flows
// that lie where their author has no part. Goes on top of `langbuilderSql`.
import { ids } from './langbuilder.ts'

/** A 32-digit id as another tool writes it. */
export const dash = (id: string) =>
  [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-')

export const strays = {
  /** Written in upper case. */
  dave: 'D4'.repeat(16),
  /** Has no project at all. */
  erin: 'e5'.repeat(16),
  examples: '5e'.repeat(16),
  /** Of no user, and no examples. */
  nobodys: '5f'.repeat(16),
  /** Of a user who is gone. */
  deserted: '5d'.repeat(16),
  davesProject: dash('54'.repeat(16)).toUpperCase(),
}

/** How many flows of erin lie in alice's Starter Project: more than a slice of the tests holds. */
export const ERINS = 16

const T = '2025-01-02 03:04:05.678901'
const GONE = 'e'.repeat(32)

/** One script for `executeMultiple`. */
export function faultsSql(hasRbac: boolean): string {
  const user = (id: string, name: string) => `('${id}', '${name}', 'x', 1, 0, '${T}', '${T}')`
  const folder = (id: string, name: string, owner: string | null, parent = 'NULL') =>
    `('${id}', '${name}', ${parent}, ${owner === null ? 'NULL' : `'${owner}'`}${hasRbac ? ', 0' : ''})`
  const flow = (id: string, name: string, owner: string | null, folderId: string) =>
    `('${id}', '${name.replaceAll("'", "''")}', '${folderId}', ${owner === null ? 'NULL' : `'${owner}'`}, '{}', '${T}')`
  const nth = (n: number) => n.toString(16).padStart(2, '0').repeat(16)
  return `PRAGMA foreign_keys = OFF;
INSERT INTO user (id, username, password, is_active, is_superuser, create_at, updated_at) VALUES
  ${[user(strays.dave, 'dave'), user(strays.erin, 'erin')].join(', ')};
INSERT INTO folder (id, name, parent_id, user_id${hasRbac ? ', is_starter_project' : ''}) VALUES
  ${[
    folder(strays.examples, 'Starter Projects', null),
    folder(strays.nobodys, 'Nobody', null),
    folder(strays.deserted, 'Deserted', GONE),
    folder(
      strays.davesProject,
      'Starter Project',
      dash(strays.dave.toLowerCase()),
      `'${dash(ids.work)}'`,
    ),
  ].join(', ')};
INSERT INTO flow (id, name, folder_id, user_id, data, updated_at) VALUES
  ${[
    flow('0a'.repeat(16), "bob's in alice's", ids.bob, ids.starter),
    flow('0b'.repeat(16), "carol's in bob's", ids.carol.toUpperCase(), dash(ids.work)),
    flow('0c'.repeat(16), "bob's among the examples", ids.bob, strays.examples),
    flow('0d'.repeat(16), "bob's in nobody's", ids.bob, strays.nobodys),
    flow('0e'.repeat(16), "bob's in a deserted one", ids.bob, strays.deserted),
    flow('0f'.repeat(16), 'an example', null, strays.examples),
    flow('1a'.repeat(16), "of somebody gone, in alice's", GONE, ids.starter),
    flow(
      dash('1B'.repeat(16)),
      "dave's in his own",
      strays.dave,
      strays.davesProject.replaceAll('-', ''),
    ),
    ...Array.from({ length: ERINS }, (_, i) =>
      flow(nth(0x20 + i), `erin's ${i}`, strays.erin, ids.starter),
    ),
  ].join(', ')};
INSERT INTO apikey (id, name, api_key, user_id, created_at, total_uses, is_active) VALUES
  ('${dash('3a'.repeat(16)).toUpperCase()}', 'of dave', 'sk-plain-dave', '${strays.dave}', '${T}', 0, 1);
${hasRbac ? rbacFaults : ''}`
}

const [admin, owner, viewer] = ['71', '72', '73'].map((two) => two.repeat(16)) as [
  string,
  string,
  string,
]
const read = '81'.repeat(16)
const grant = (
  id: string,
  user: string,
  role: string,
  scope: string,
  immutable: number,
  at: string,
) =>
  `('${id}', '${user}', '${role}', 'Flow', '${scope}', ${immutable}, '${at}', '${dash(ids.alice)}')`

/** One grant thrice, in three spellings, of which the newest is immutable; two grants whose own ids are one. */
const rbacFaults = `
INSERT INTO rolepermission (id, role_id, permission_id, created_at) VALUES
  ('${'9a'.repeat(16)}', '${viewer}', '${dash(read)}', '2025-01-01'), ('${'9b'.repeat(16)}', '${viewer}', '${read}', '2025-01-02');
INSERT INTO userroleassignment (id, user_id, role_id, scope_type, scope_id, is_immutable, created_at, created_by) VALUES
  ${[
    grant('4a'.repeat(16), ids.bob, owner, 'f1'.repeat(16), 0, '2025-01-01'),
    grant(dash('4b'.repeat(16)), dash(ids.bob), owner, dash('f1'.repeat(16)), 1, '2025-01-03'),
    grant('4c'.repeat(16), ids.bob, owner, 'F1'.repeat(16), 0, '2025-01-02'),
    grant('4d'.repeat(16), ids.carol.toLowerCase(), owner, dash('f1'.repeat(16)), 0, '2025-01-02'),
    grant('4e'.repeat(16), ids.carol, owner, 'f1'.repeat(16), 0, '2025-01-01'),
    grant('4f'.repeat(16), ids.bob, viewer, 'f2'.repeat(16), 0, '2025-01-01'),
    grant(dash('4f'.repeat(16)), ids.bob, admin, dash('f2'.repeat(16)), 0, '2025-01-01'),
    grant('4F'.repeat(16), ids.alice, admin, 'f2'.repeat(16), 0, '2025-01-01'),
  ].join(', ')},
  ('${'50'.repeat(16)}', '${dash(ids.bob)}', '${viewer}', 'Global', NULL, 0, '2025-01-04', NULL);`
