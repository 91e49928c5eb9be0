// The list itself: a table on a wide screen, cards on a narrow one.
import type { Flow, Named, Project } from '../bodies.ts'
import { Moment, wordsOfActions } from '../parts.tsx'
import { Link } from '../router.tsx'
import { t } from '../texts.ts'
import { Who } from '../who.tsx'
import { type Ask, RowMenu } from './menu.tsx'

type TableProps = {
  flows: Flow[]
  projects: Map<string, Project>
  me: string | undefined
  langbuilder: string | null
  chosen: ReadonlyMap<string, Flow>
  choose: (flows: Flow[], isChosen: boolean) => void
  ask: Ask
  isOld: boolean
}

const columns = Object.entries(t.flows.columns)

export function FlowTable({ flows, chosen, choose, isOld, ...more }: TableProps) {
  const isAll = flows.length > 0 && flows.every(({ id }) => chosen.has(id))
  return (
    <table class="rows" aria-busy={isOld ? 'true' : undefined}>
      <thead>
        <tr>
          <th class="tick" scope="col">
            <input
              type="checkbox"
              aria-label={t.flows.selectAll}
              checked={isAll}
              onChange={() => choose(flows, !isAll)}
            />
          </th>
          {columns.map(([key, title]) => (
            <th key={key} scope="col">
              {title}
            </th>
          ))}
          <th scope="col">
            <span class="unseen">{t.flows.more}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {flows.map((flow) => (
          <FlowRow
            key={flow.id}
            flow={flow}
            isChosen={chosen.has(flow.id)}
            onChoose={(isChosen) => choose([flow], isChosen)}
            {...more}
          />
        ))}
      </tbody>
    </table>
  )
}

type RowProps = Pick<TableProps, 'projects' | 'me' | 'langbuilder' | 'ask'> & {
  flow: Flow
  isChosen: boolean
  onChoose: (isChosen: boolean) => void
}

function FlowRow({ flow, projects, me, langbuilder, ask, isChosen, onChoose }: RowProps) {
  const isShared = flow.scope === 'Flow' && flow.owner !== null && flow.owner.id !== me
  const { columns } = t.flows
  return (
    <tr>
      <td class="tick">
        <input
          type="checkbox"
          aria-label={t.flows.select(flow.name)}
          checked={isChosen}
          onChange={() => onChoose(!isChosen)}
        />
      </td>
      <th scope="row" class="name">
        <span class="words">{flow.name}</span>
        {isShared ? <span class="badge">{t.flows.sharedBadge}</span> : null}
        {flow.is_component ? <span class="badge">{t.flows.component}</span> : null}
        {flow.tags.slice(0, 5).map((tag) => (
          <Link key={tag} class="badge tag" to={`/flows?tag=${encodeURIComponent(tag)}`}>
            {tag}
          </Link>
        ))}
        {flow.description ? <p class="faint cut">{flow.description}</p> : null}
      </th>
      <td data-label={columns.project}>
        <ProjectName id={flow.folder_id} projects={projects} />
      </td>
      <td data-label={columns.owner}>
        <Owner owner={flow.owner} me={me} />
      </td>
      <td data-label={columns.updated}>
        <Moment at={flow.updated_at} />
      </td>
      <td data-label={columns.access}>
        {flow.access_type === 'PUBLIC' ? t.flows.public : t.flows.private}
      </td>
      <td data-label={columns.may}>{wordsOfActions(flow.actions)}</td>
      <td class="act">
        <RowMenu flow={flow} langbuilder={langbuilder} ask={ask} />
      </td>
    </tr>
  )
}

function Owner({ owner, me }: { owner: Named | null; me: string | undefined }) {
  if (!owner) return <>{t.flows.nobody}</>
  if (owner.id === me) return <>{t.flows.me}</>
  return <Who id={owner.id} name={owner.username} />
}

function ProjectName({ id, projects }: { id: string | null; projects: Map<string, Project> }) {
  if (id === null) return <span class="faint">{t.flows.noProject}</span>
  const project = projects.get(id)
  if (!project) return <span class="faint">{projects.size > 0 ? t.flows.hiddenProject : '…'}</span>
  return <Link to={`/flows?project=${id}`}>{project.name}</Link>
}
