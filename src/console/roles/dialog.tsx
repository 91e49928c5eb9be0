// A role as it is made or changed: its name and its ticks, and whom that concerns.
import { useState } from 'hono/jsx/dom'
import { Dialog } from '../dialog.tsx'
import { TextField } from '../parts.tsx'
import { t } from '../texts.ts'
import { change, create, type Whole } from './doing.ts'
import { permissionsOf } from './permissions.ts'

type DialogProps = { role: Whole | undefined; again: () => void; onClose: () => void }

export function RoleDialog({ role, again, onClose }: DialogProps) {
  const [name, setName] = useState(role?.name ?? '')
  const [description, setDescription] = useState(role?.description ?? '')
  const [held, setHeld] = useState<string[]>(role?.permissions ?? [])
  const before = role?.permissions ?? []
  const more = held.filter((one) => !before.includes(one))
  const less = before.filter((one) => !held.includes(one))
  const draft = { name, description: description.trim() || null, permissions: held }
  const isSame =
    more.length + less.length === 0 && name === role?.name && draft.description === role.description
  const tick = (one: string) =>
    setHeld(held.includes(one) ? held.filter((other) => other !== one) : [...held, one])
  return (
    <Dialog
      title={role ? t.roles.editTitle(role.name) : t.roles.create}
      act={role ? t.teams.save : t.roles.create}
      isReady={name.trim() !== '' && !isSame}
      onAct={() => (role ? change(role, draft, again) : create(draft, again))}
      onClose={onClose}
    >
      <TextField
        label={t.name}
        name="role-name"
        maxlength={100}
        required
        value={name}
        set={setName}
      />
      <TextField
        label={t.teams.description}
        name="role-description"
        maxlength={1000}
        value={description}
        set={setDescription}
      />
      {permissionsOf([{ permissions: before }]).map(([scope, names]) => (
        <fieldset key={scope}>
          <legend>{t.roles.scopes[scope] ?? scope}</legend>
          {names.map((action) => (
            <label key={action} class="beside">
              <input
                type="checkbox"
                name={`${scope}:${action}`}
                checked={held.includes(`${scope}:${action}`)}
                onChange={() => tick(`${scope}:${action}`)}
              />
              {action}
            </label>
          ))}
        </fieldset>
      ))}
      {role ? (
        <p role="status">
          {isSame ? '' : t.roles.affects(role.grants)}
          {more.length > 0 ? ` ${t.roles.more(wordsOf(more))}` : ''}
          {less.length > 0 ? ` ${t.roles.less(wordsOf(less))}` : ''}
        </p>
      ) : null}
    </Dialog>
  )
}

/** `Read flows, Update projects`. */
const wordsOf = (permissions: string[]) =>
  permissions
    .map((one) => {
      const [scope = '', action = ''] = one.split(':')
      return `${action} ${scope.toLowerCase()}s`
    })
    .join(', ')
