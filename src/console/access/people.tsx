// Everybody who can do something with it, wherever their right comes from.
import type { Grant, Person } from '../bodies.ts'
import { Moment, wordsOfActions } from '../parts.tsx'
import { t } from '../texts.ts'
import { Who } from '../who.tsx'

/** `Editor, the project, by team Support`. */
export function wordsOfGrant({ role_name, scope_type, team_name }: Grant): string {
  const where = t.access.scopes[scope_type] ?? scope_type
  return [role_name, where, ...(team_name ? [t.access.viaTeam(team_name)] : [])].join(', ')
}

export function People({ people }: { people: Person[] }) {
  const { columns } = t.access
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{columns.who}</th>
          <th scope="col">{columns.may}</th>
          <th scope="col">{columns.through}</th>
        </tr>
      </thead>
      <tbody>
        {people.map(({ user_id, username, actions, decided_by, grants }) => (
          <tr key={user_id}>
            <th scope="row" class="name">
              <Who id={user_id} name={username} />
            </th>
            <td data-label={columns.may}>{wordsOfActions(actions)}</td>
            <td data-label={columns.through}>
              {grants.length === 0 ? (t.access.through[decided_by] ?? decided_by) : null}
              <ul class="plain">
                {grants.map((grant) => (
                  <li key={grant.id}>
                    {wordsOfGrant(grant)}
                    {grant.expires_at ? (
                      <>
                        {' '}
                        ({columns.until} <Moment at={grant.expires_at} />)
                      </>
                    ) : null}
                  </li>
                ))}
              </ul>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
