// Changing and deleting users of the directory: each is read, and written where it is still what was read.
import { type Author, columns, record } from '../access/audit.ts'
import { DIRECTORY } from '../access/bindings.ts'
import { endKeys, endSessions } from '../access/endings.ts'
import { otherSuperuser } from '../access/grants.ts'
import { allKeyed, nameKeyFor, unkeyed, usersNames, whenKeyed } from '../access/names.ts'
import { one } from '../db/batch.ts'
import type { Row } from '../db/client.ts'
import { type SQL, sql } from '../db/sql.ts'
import { newId, now } from '../db/values.ts'
import { ApiError } from '../errors.ts'
import { deletionOfUser, referredTo } from '../users/delete.ts'
import { type Asked, isProvisioned, requireKnown, untilUndisturbed } from './directory.ts'
import { type Person, toStored } from './person.ts'
import { findUser, requireFree, requireUnreserved, selectUser, sweep, takenBy } from './users.ts'
import { type Resource, toKnownPerson, toUser } from './view.ts'

const lastSuperuser = (what: string) =>
  new ApiError('conflict', `The last active superuser cannot be ${what}`)

/** SQL boolean over `u`: nobody would be left to administrate without them. */
const isLast = sql`(u.is_superuser AND u.is_active AND NOT ${otherSuperuser(sql`u.id`)})`

type Standing = { is_last: number; is_still: number }

/** SQL boolean: the user is still as in this row. */
const isStill = (
  row: Row,
) => sql`EXISTS (SELECT 1 FROM flowgate_binding b JOIN user u ON u.id = b.user_id
  WHERE b.issuer = ${DIRECTORY} AND b.subject = ${row.subject ?? null} AND b.profile IS ${row.profile ?? null}
    AND u.id = ${row.id ?? null} AND u.username IS ${row.username ?? null} AND u.is_active IS ${row.is_active ?? null})`

/**
 * Changes a user to what `toNext` makes of them; who is switched off is signed out, and their keys end. Throws 404, 412,
 * 409 where a name is taken or no active superuser would remain.
 */
export const changeUser = (
  asked: Asked,
  id: string,
  known: string | undefined,
  toNext: (person: Person) => Person,
): Promise<Resource> =>
  untilUndisturbed(async () => {
    const { row, user } = await findUser(asked, id)
    requireKnown(known, user)
    const person = toNext(toKnownPerson(row))
    requireUnreserved(asked, person, row.username)
    const changes = changesOf(row, person)
    return changes ? sendChange(asked, row, person, changes) : user
  })

type Changes = { user: boolean; binding: boolean; subject: string; profile: string }

/** Undefined where nothing changes. */
function changesOf(row: Row, person: Person): Changes | undefined {
  const subject = person.externalId ?? String(row.id)
  const known = toKnownPerson(row)
  const profile = toStored(person.profile)
  const user = known.userName !== person.userName || known.active !== person.active
  const binding = subject !== row.subject || profile !== toStored(known.profile)
  return user || binding ? { user, binding, subject, profile } : undefined
}

/** Undefined where the user is not as in this row any more. */
async function sendChange(asked: Asked, row: Row, person: Person, changes: Changes) {
  const { db, author, base } = asked
  const id = String(row.id)
  // The binding says within the batch that it goes ahead: by a profile that is none.
  const mark = newId()
  const goesOn = sql`EXISTS (SELECT 1 FROM flowgate_binding b WHERE ${isThisBinding(row)} AND b.profile = ${mark})`
  const { taken, isFree } = takenBy(id, person, changes.subject)
  const goesOff = person.active ? sql`0` : isLast
  const results = await whenKeyed(db, usersNames, () =>
    db.write({
      unkeyed: unkeyed(usersNames),
      swept: sweep(changes.subject),
      taken,
      standing: sql<Standing>`SELECT ${goesOff} AS is_last, ${isStill(row)} AS is_still FROM user u WHERE u.id = ${id}`,
      decision: sql`UPDATE flowgate_binding AS b SET profile = ${mark} WHERE ${isThisBinding(row)}
        AND ${allKeyed(usersNames)} AND ${isStill(row)} AND ${isFree}
        AND EXISTS (SELECT 1 FROM user u WHERE u.id = ${id} AND NOT ${goesOff})`,
      records: recordsOf(author, row, person, changes, goesOn),
      change: sql`UPDATE user AS u SET username = ${person.userName}, is_active = ${person.active}, updated_at = ${now},
        username_key = ${nameKeyFor(usersNames, person.userName, sql`u`)},
        pending_since = CASE WHEN NOT ${person.active} THEN u.pending_since END WHERE u.id = ${id} AND ${goesOn}`,
      binding: sql`UPDATE flowgate_binding AS b SET subject = ${changes.subject}, profile = ${changes.profile}
        WHERE ${isThisBinding(row)} AND b.profile = ${mark}`,
      ended: person.active ? [] : endCredentials(asked, id),
      changed: selectUser(id),
    }),
  )
  requireFree(one(results.taken.rows), person)
  const [standing] = results.standing.rows
  if (standing?.is_last) throw lastSuperuser('deactivated')
  const [changed] = results.changed.rows
  return standing?.is_still && changed ? toUser(changed, base) : undefined
}

/** What the audit keeps: of a profile, which is large and personal, that it changed. */
const recordsOf = (author: Author, row: Row, person: Person, changes: Changes, goesOn: SQL) => [
  record(
    author,
    'user.update',
    {
      id: sql`u.id`,
      before: columns(sql`u`, ['username', 'is_active']),
      after: sql`json_object('username', ${person.userName}, 'is_active', ${Number(person.active)})`,
    },
    sql`FROM user u WHERE u.id = ${row.id ?? null} AND ${changes.user} AND ${goesOn}`,
  ),
  record(
    author,
    'binding.update',
    {
      id: sql`b.user_id`,
      before: columns(sql`b`, ['issuer', 'subject']),
      after: sql`json_object('issuer', b.issuer, 'subject', ${changes.subject}, 'profile', 'changed')`,
    },
    sql`FROM flowgate_binding b WHERE ${isThisBinding(row)} AND ${changes.binding} AND ${goesOn}`,
  ),
]

const isThisBinding = ({ subject, id }: Row) =>
  sql`b.issuer = ${DIRECTORY} AND b.subject = ${subject ?? null} AND b.user_id = ${id ?? null}`

/** Whoever of the directory's is switched off by now has neither sessions nor keys. */
function endCredentials({ author }: Asked, id: string): SQL[] {
  const isOff = sql`EXISTS (SELECT 1 FROM user u WHERE u.id = ${id} AND NOT u.is_active) AND ${isProvisioned(sql`${id}`)}`
  return [
    ...endKeys(author, sql`k.user_id = ${id} AND ${isOff}`),
    ...endSessions(author, 'deactivation', sql`s.user_id = ${id} AND ${isOff}`),
  ]
}

/** Deletes a user as users/delete.ts does. Throws 404, 412, and 409 for the last active superuser or where foreign rows refer to them. */
export const deleteUser = (asked: Asked, id: string, known: string | undefined): Promise<true> =>
  untilUndisturbed(async () => {
    const { row, user } = await findUser(asked, id)
    requireKnown(known, user)
    // A key that no name has says within the batch that it goes ahead.
    const mark = ` ${newId()}`
    const goesOn = sql`EXISTS (SELECT 1 FROM user x WHERE x.id = ${id} AND x.username_key = ${mark})`
    const { standing } = await asked.db.write(
      {
        standing: sql<Standing>`SELECT ${isLast} AS is_last, ${isStill(row)} AS is_still
          FROM user u WHERE u.id = ${id}`,
        decision: sql`UPDATE user AS u SET username_key = ${mark} WHERE u.id = ${id} AND ${isStill(row)} AND NOT ${isLast}`,
        deletion: deletionOfUser(asked.author, id, goesOn),
      },
      referredTo,
    )
    const [stood] = standing.rows
    if (stood?.is_last) throw lastSuperuser('deleted')
    return stood?.is_still ? true : undefined
  })
