// The questions before something is done with flows.
import { useState } from 'hono/jsx/dom'
import type { Flow, Project } from '../bodies.ts'
import { Dialog } from '../dialog.tsx'
import { TextField } from '../parts.tsx'
import { t } from '../texts.ts'
import { move, removeAll, rename } from './doing.ts'
import { ProjectPicker } from './project-picker.tsx'

/** What is asked about which flows. */
export type Question = { kind: 'rename' | 'move' | 'remove'; flows: Flow[] }

type Asked = { question: Question; projects: Project[]; again: () => void; onClose: () => void }

export function FlowDialog(asked: Asked) {
  switch (asked.question.kind) {
    case 'rename':
      return <Rename {...asked} />
    case 'move':
      return <Move {...asked} />
    case 'remove':
      return <Remove {...asked} />
  }
}

function Rename({ question, again, onClose }: Asked) {
  const [flow] = question.flows
  const [name, setName] = useState(flow?.name ?? '')
  if (!flow) return null
  return (
    <Dialog
      title={t.flows.renameTitle(flow.name)}
      act={t.flows.rename}
      isReady={name.trim() !== '' && name !== flow.name}
      onAct={() => rename(flow, name, again)}
      onClose={onClose}
    >
      <TextField
        label={t.flows.newName}
        name="new-name"
        maxlength={1000}
        required
        value={name}
        set={setName}
      />
    </Dialog>
  )
}

function Move({ question, projects, again, onClose }: Asked) {
  const targets = projects.filter(({ actions }) => actions.includes('Create'))
  const [id, setId] = useState('')
  const to = targets.find((project) => project.id === id)
  return (
    <Dialog
      title={t.flows.moveTitle(question.flows.length)}
      act={t.flows.move}
      isReady={to !== undefined}
      onAct={async () => to && move(question.flows, to, again)}
      onClose={onClose}
    >
      <p>{targets.length > 0 ? t.flows.moveHint : t.flows.noTarget}</p>
      <ProjectPicker label={t.flows.moveTo} from={targets} chosen={to} choose={setId} />
    </Dialog>
  )
}

const MOST_NAMES = 8

function Remove({ question: { flows }, again, onClose }: Asked) {
  const rest = flows.length - MOST_NAMES
  return (
    <Dialog
      title={t.flows.removeTitle(flows.length)}
      act={t.flows.remove}
      isDanger
      onAct={() => removeAll(flows, again)}
      onClose={onClose}
    >
      <ul>
        {flows.slice(0, MOST_NAMES).map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
        {rest > 0 ? <li>{t.flows.andMore(rest)}</li> : null}
      </ul>
      <p>{t.flows.removeHint}</p>
    </Dialog>
  )
}
