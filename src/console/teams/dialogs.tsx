// The questions about a team: what it is called, and whether it goes.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { Assignments, Member, Team } from '../bodies.ts'
import type { Caller } from '../caller.ts'
import { Dialog } from '../dialog.tsx'
import { Pending, TextField } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { t } from '../texts.ts'
import { change, create, remove, type Words } from './doing.ts'

type WordsProps = {
  title: string
  act: string
  words: Words
  /** The caller may say which group of a directory it is. */
  isSuperuser: boolean
  onAct: (words: Words) => Promise<unknown>
  onClose: () => void
}

function AskWords({ title, act, words, isSuperuser, onAct, onClose }: WordsProps) {
  const [name, setName] = useState(words.name)
  const [description, setDescription] = useState(words.description ?? '')
  const [external, setExternal] = useState(words.external_name ?? '')
  return (
    <Dialog
      title={title}
      act={act}
      isReady={name.trim() !== ''}
      onAct={() =>
        onAct({
          name,
          description: description.trim() || null,
          external_name: external.trim() || null,
        })
      }
      onClose={onClose}
    >
      <TextField
        label={t.name}
        name="team-name"
        maxlength={100}
        required
        value={name}
        set={setName}
      />
      <TextField
        label={t.teams.description}
        name="team-description"
        maxlength={1000}
        value={description}
        set={setDescription}
      />
      {isSuperuser ? (
        <>
          <TextField
            label={t.teams.external}
            name="team-external"
            maxlength={300}
            value={external}
            set={setExternal}
          />
          <p class="faint">{t.teams.externalHint}</p>
        </>
      ) : null}
    </Dialog>
  )
}

export function NewTeam({ caller, onClose }: { caller: Caller; onClose: () => void }) {
  return (
    <AskWords
      title={t.teams.create}
      act={t.teams.create}
      words={{ name: '', description: null, external_name: null }}
      isSuperuser={caller.is_superuser}
      onAct={(words) => create(words, caller)}
      onClose={onClose}
    />
  )
}

type TeamProps = { team: Team; again: () => void; onClose: () => void }

export function ChangeTeam({
  team,
  isSuperuser,
  again,
  onClose,
}: TeamProps & { isSuperuser: boolean }) {
  return (
    <AskWords
      title={t.teams.changeTitle(team.name)}
      act={t.teams.save}
      words={team}
      isSuperuser={isSuperuser}
      onAct={(words) => change(team, words, again)}
      onClose={onClose}
    />
  )
}

/** Says first what goes with it: how many grants the API tells admins alone. */
export function RemoveTeam({ team, caller, again, onClose }: TeamProps & { caller: Caller }) {
  const lost = useQuery('lost', async (signal) => {
    const init = { init: { signal } }
    const [members, grants] = await Promise.all([
      read<Member[]>(v1.teams[':team_id'].members.$get({ param: { team_id: team.id } }, init)),
      caller.isAdmin
        ? read<Assignments>(
            v1.rbac.assignments.$get({ query: { team_id: team.id, page: '1', size: '1' } }, init),
          )
        : undefined,
    ])
    return { members: members.length, grants: grants?.total }
  })
  return (
    <Dialog
      title={t.teams.removeTitle(team.name)}
      act={t.flows.remove}
      isDanger
      isReady={lost.data !== undefined}
      onAct={() => remove(team).then(again)}
      onClose={onClose}
    >
      <Pending query={lost} />
      <p role="status">
        {lost.data ? t.teams.removeHint(lost.data.members, lost.data.grants) : ''}
      </p>
    </Dialog>
  )
}
