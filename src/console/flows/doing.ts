// What can be done with flows, and how it is taken back. Each throws the Problem of what was refused.
import { done, once, read, v1 } from '../api.ts'
import type { Flow, Project } from '../bodies.ts'
import { tell } from '../notices.tsx'
import { asProblem, Problem } from '../problem.ts'
import { saveAs } from '../save.ts'
import { t } from '../texts.ts'
import { cutMember, withMember } from './graph-text.ts'

type Change = { name?: string; folder_id?: string }

/** Only the version that is on the screen: whoever was faster is not overwritten. */
const change = (flow: Pick<Flow, 'id'>, json: Change, etag?: string) =>
  done(
    v1.flows[':flow_id'].$patch(
      { param: { flow_id: flow.id }, json },
      etag === undefined ? {} : { headers: { 'if-match': etag } },
    ),
  ).then((response) => response.headers.get('etag') ?? undefined)

export async function rename(flow: Flow, name: string, again: () => void): Promise<void> {
  const etag = await change(flow, { name }, flow.etag)
  again()
  tell(t.flows.renamed(flow.name, name), () => change(flow, { name: flow.name }, etag).then(again))
}

/** Into the project, or out of every one, which takes a merge patch: plain JSON ignores a null. */
function put(id: string, folder_id: string | null, etag: string | undefined) {
  if (folder_id !== null) return change({ id }, { folder_id }, etag)
  const headers = {
    'content-type': 'application/merge-patch+json',
    ...(etag === undefined ? {} : { 'if-match': etag }),
  }
  return done(
    v1.flows[':flow_id'].$patch(
      { param: { flow_id: id }, json: { folder_id } },
      { init: { headers } },
    ),
  )
}

/** One after the other; what was moved before a refusal stays moved, and can be taken back: each that nobody has changed since. */
export async function move(flows: Flow[], to: Project, again: () => void): Promise<void> {
  const moved: { flow: Flow; etag: string | undefined }[] = []
  const back = async () => {
    const failed: unknown[] = []
    for (const { flow, etag } of moved)
      await put(flow.id, flow.folder_id, etag).catch((error: unknown) => failed.push(error))
    again()
    if (failed.length === 0) return
    const problem = asProblem(failed[0])
    const why = problem?.message ?? t.unexpected
    throw new Problem(t.flows.partlyBack(moved.length - failed.length, moved.length, why), {
      status: 0,
      code: 'unexpected',
      ...problem,
    })
  }
  try {
    for (const flow of flows)
      moved.push({ flow, etag: await change(flow, { folder_id: to.id }, flow.etag) })
  } catch (error) {
    if (moved.length === 0) throw error
    const why = asProblem(error)?.message ?? t.unexpected
    again()
    return tell(t.flows.partly(moved.length, flows.length, why), back)
  }
  again()
  tell(t.flows.moved(flows.length, to.name), back)
}

/** Into the own Starter Project, whoever owns the original. The graph is text from end to end: no number is rounded. */
export async function duplicate(flow: Flow, again: () => void): Promise<void> {
  const response = await done(v1.flows[':flow_id'].$get({ param: { flow_id: flow.id }, query: {} }))
  const whole = await response.text()
  const { name, description, tags, is_component }: Flow = JSON.parse(whole)
  const json = { name, description, tags, is_component }
  const body = withMember(json, 'data', cutMember(whole, 'data') ?? 'null')
  const made = await read<Flow>(v1.flows.index.$post({ json }, { ...once(), init: { body } }))
  again()
  tell(t.flows.duplicated(made.name), () => unmake(made).then(again))
}

/** Only the copy as it was made: what was drawn in it since stays. */
async function unmake({ id, name, etag }: Flow): Promise<void> {
  const param = { flow_id: id }
  try {
    await done(v1.flows[':flow_id'].$delete({ param }, { headers: { 'if-match': etag } }))
  } catch (error) {
    const problem = asProblem(error)
    if (problem?.code !== 'precondition_failed') throw error
    throw new Problem(t.flows.changedSince(name), problem)
  }
}

const remove = (ids: string[]) => read<{ deleted: number }>(v1.flows.index.$delete({ json: ids }))

export async function removeAll(flows: Flow[], again: () => void): Promise<void> {
  const { deleted } = await remove(flows.map(({ id }) => id))
  again()
  if (deleted === flows.length) return tell(t.flows.removed(deleted))
  tell(t.flows.removedSome(deleted, flows.length))
}

/** As a file of the browser's: one flow as JSON, several as an archive. */
export async function download(flows: Flow[]): Promise<void> {
  const ids = flows.map(({ id }) => id)
  const response = await done(v1.flows.download.index.$post({ json: ids }))
  const disposition = response.headers.get('content-disposition') ?? ''
  const [, , named] = /filename(\*?)=(?:UTF-8'')?"?([^";]+)/.exec(disposition) ?? []
  const first = flows[0]
  if (!first) throw new Problem(t.unexpected, { status: 0, code: 'unexpected' })
  saveAs(await response.blob(), named ? decodeURIComponent(named) : `${first.name}.json`)
  tell(t.flows.downloaded(flows.length))
}
