// Whoever passed Cloudflare Access, as a person of the company. Access says who somebody is, and nothing of their groups.
import { usersNames, whenKeyed } from '../access/names.ts'
import { sql } from '../db/sql.ts'
import { now } from '../db/values.ts'
import type { Open } from '../env.ts'
import { boundUser } from '../identity/bound.ts'
import type { Passed } from '../identity/cloudflare-access.ts'
import { ACCESS } from '../providers.ts'
import { ensurePerson } from './accounts.ts'
import type { Person } from './person.ts'

export const toPerson = ({ issuer, subject, names }: Passed): Person => ({
  bound: { issuer, subject },
  source: ACCESS.id,
  names,
})

/** After it there is a user behind them, however many requests of theirs come at once. One who is deactivated stays so. */
export async function arrive(
  { db, env, requestId }: Open['Variables'],
  passed: Passed,
): Promise<void> {
  const seen = sql`UPDATE user SET last_login_at = ${now}
    WHERE id = ${boundUser(passed)} AND is_active AND last_login_at IS NULL`
  await whenKeyed(db, usersNames, () =>
    db.write({ ...ensurePerson(toPerson(passed), env, requestId), seen }),
  )
}
