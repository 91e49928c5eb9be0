// All flows that I may see, and what I may do with them.
import { useState } from 'hono/jsx/dom'
import { read, v1 } from '../api.ts'
import type { Flow, FlowPage, Project } from '../bodies.ts'
import { useCaller } from '../caller.ts'
import { tellProblem } from '../notices.tsx'
import { Paging, useLostCursor } from '../paging.tsx'
import { Empty, Failure } from '../parts.tsx'
import { useQuery } from '../query.ts'
import { go, Link } from '../router.tsx'
import { askSettings } from '../settings.ts'
import { t } from '../texts.ts'
import { Chosen } from './chosen.tsx'
import { FlowDialog, type Question } from './dialogs.tsx'
import { download, duplicate } from './doing.ts'
import { askFlows, type Filter, isFiltered, readFilter } from './filter.ts'
import { Filters } from './filters.tsx'
import { type Ask, mayAll } from './menu.tsx'
import { FlowTable } from './table.tsx'

export function FlowsPage({ query }: { query: URLSearchParams }) {
  const filter = readFilter(query)
  const key = JSON.stringify(filter)
  const list = useQuery(key, (signal) => read<FlowPage>(askFlows(filter, signal)))
  const projects = useProjects()
  const me = useCaller()
  const settings = useQuery('settings', askSettings)
  const [question, setQuestion] = useState<Question | undefined>(undefined)
  const [chosen, setChosen] = useState<ReadonlyMap<string, Flow>>(new Map())

  const again = () => {
    setChosen(new Map())
    list.again()
  }
  const choose = (flows: Flow[], isChosen: boolean) => {
    const next = new Map(chosen)
    for (const flow of flows) isChosen ? next.set(flow.id, flow) : next.delete(flow.id)
    setChosen(next)
  }
  const ask: Ask = (what, flows) => {
    if (what === 'download') download(flows).catch(tellProblem)
    else if (what === 'duplicate') {
      for (const flow of flows) duplicate(flow, again).catch(tellProblem)
    } else setQuestion({ kind: what, flows })
  }

  const isLost = useLostCursor(filter.cursor, list)

  const page = list.data
  return (
    <>
      <div class="head">
        <h1>{t.flows.title}</h1>
        <p class="total" role="status">
          {page ? t.flows.total(page.total, page.total_is === 'exact') : ''}
        </p>
        <ProjectAccess project={projects.find(({ id }) => id === filter.project)} />
      </div>
      <Filters filter={filter} projects={projects} />
      {chosen.size > 0 ? (
        <Chosen flows={[...chosen.values()]} ask={ask} onNone={() => setChosen(new Map())} />
      ) : null}
      {list.problem && !isLost ? <Failure problem={list.problem} again={list.again} /> : null}
      {page && page.items.length > 0 ? (
        <FlowTable
          flows={page.items}
          projects={new Map(projects.map((project) => [project.id, project]))}
          me={me?.id}
          langbuilder={settings.data?.langbuilder_url ?? null}
          chosen={chosen}
          choose={choose}
          ask={ask}
          isOld={list.isLoading}
        />
      ) : null}
      {page?.items.length === 0 && !isLost && !list.isLoading ? <NoFlows filter={filter} /> : null}
      {!page && list.isLoading ? <p aria-busy="true">{t.loading}</p> : null}
      {page ? <Paging page={page} /> : null}
      {question ? (
        <FlowDialog
          question={question}
          projects={projects}
          again={again}
          onClose={() => setQuestion(undefined)}
        />
      ) : null}
    </>
  )
}

function useProjects(): Project[] {
  const found = useQuery('projects', (signal) =>
    read<Project[]>(
      v1.projects.index.$get({ query: { include: 'actions' } }, { init: { signal } }),
    ),
  )
  return found.data ?? []
}

/** Beside a project's flows, for whoever may share it. */
function ProjectAccess({ project }: { project: Project | undefined }) {
  if (!project || !mayAll(project)) return null
  return (
    <Link to={`/access/project/${project.id}`} name={project.name}>
      {t.flows.projectAccess}
    </Link>
  )
}

function NoFlows({ filter }: { filter: Filter }) {
  if (!isFiltered(filter) && !filter.cursor)
    return (
      <Empty title={t.flows.none}>
        <p>{t.flows.noneHint}</p>
      </Empty>
    )
  return (
    <Empty title={t.flows.noMatch}>
      <p>{t.flows.noMatchHint}</p>
      <button type="button" onClick={() => go('/flows')}>
        {t.flows.clear}
      </button>
    </Empty>
  )
}
