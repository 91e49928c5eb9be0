// /api/v1/projects, and /api/v1/folders as their older name.
import { Hono } from 'hono/tiny'
import { about } from '../about.ts'
import { idempotent } from '../access/idempotent.ts'
import { answerLongList } from '../access/long-list.ts'
import { fromReplica, type SignedIn } from '../access/signed-in.ts'
import type { Row } from '../db/client.ts'
import type { Open } from '../env.ts'
import { ApiError } from '../errors.ts'
import { ARCHIVE_TYPE, fileTime, toArchive } from '../flows/files/archive.ts'
import { toFileName } from '../flows/files/names.ts'
import { readUpload } from '../flows/files/upload.ts'
import { toOwners } from '../flows/owners.ts'
import { toFlowRead, toPage } from '../flows/view.ts'
import { body, path, query } from '../params.ts'
import { patch } from '../patch.ts'
import { answer, arrayOf } from '../wire.ts'
import { createProject, uploadProjects } from './create.ts'
import { deleteProject } from './delete.ts'
import { listProjects } from './list.ts'
import {
  ProjectCreate,
  ProjectListQuery,
  ProjectPath,
  ProjectQuery,
  ProjectUpdate,
  RealProjectPath,
} from './params.ts'
import { findProject, pageProject } from './query.ts'
import { updateProject } from './update.ts'
import { parseProjects } from './upload.ts'
import { ListedProject, ProjectWithFlows, toFolderRead, toFolderWith } from './view.ts'

/** Open to everybody: it says nothing but where to ask. */
export const folders = new Hono<Open>().all('/folders/*', (c) => {
  const url = new URL(c.req.url)
  const rest = url.pathname.replace(/^\/api\/v1\/folders\/?/, '')
  return c.redirect(`/api/v1/projects/${rest}${url.search}`, 307)
})

export const projects = new Hono<SignedIn>()

  .get(
    '/projects/',
    about({
      summary: 'List the projects that the caller may read, their own Starter Project first',
      gives: arrayOf(ListedProject),
    }),
    fromReplica,
    query(ProjectListQuery),
    (c) => {
      const filter = c.req.valid('query')
      const asked = filter.include?.includes('shared')
      const offered = c.var.env.SHARED_PROJECT === 'on' ? 'where it holds something' : 'never'
      return answerLongList(c, {
        read: (after) => listProjects(c.var.ask, filter, asked ? 'always' : offered, after),
        toBody: toFolderWith(filter.include),
      })
    },
  )

  .get(
    '/projects/:project_id',
    about({
      summary: 'Read a project with those of its flows that the caller may read',
      gives: ProjectWithFlows,
      errors: ['bad_request', 'forbidden', 'not_found'],
    }),
    fromReplica,
    path(ProjectPath),
    query(ProjectQuery),
    async (c) => {
      const { project_id } = c.req.valid('param')
      const asked = c.req.valid('query')
      const { include } = asked
      if (asked.page === undefined && asked.size === undefined) {
        const { project, flows } = await findProject(c.var.ask, project_id, include)
        return answer(c, { ...toFolderWith(include)(project), flows: flows.map(toFlow(project)) })
      }
      const filter = { ...asked, page: asked.page || 1, size: asked.size || 50 }
      const found = await pageProject(c.var.ask, project_id, filter)
      const page = toPage(found.flows.map(toFlow(found.project)), found.total, filter)
      return answer(c, { folder: toFolderWith(include)(found.project), flows: page })
    },
  )

  .get(
    '/projects/download/:project_id',
    about({
      summary: 'Read the flows of a project as a zip archive',
      archive: ARCHIVE_TYPE,
      headers: ['Content-Disposition'],
      errors: ['bad_request', 'forbidden', 'not_found'],
    }),
    path(ProjectPath),
    async (c) => {
      const { project_id } = c.req.valid('param')
      const { project, flows } = await findProject(c.var.ask, project_id)
      if (flows.length === 0) throw new ApiError('not_found', 'No flows found in project')
      const file = `${fileTime()}_${toFileName(project.name)}_flows.zip`
      return c.body(toArchive(flows), 200, {
        'content-type': ARCHIVE_TYPE,
        'content-disposition': `attachment; filename*=UTF-8''${toExtValue(file)}`,
      })
    },
  )

  .post(
    '/projects/',
    about({
      summary: 'Create a project; the caller becomes its Owner',
      status: 201,
      gives: toFolderRead,
      errors: ['bad_request', 'forbidden', 'not_found'],
    }),
    idempotent,
    body(ProjectCreate),
    async (c) => {
      const project = await createProject(c.var.ask, c.req.valid('json'))
      return c.json(toFolderRead(project), 201)
    },
  )

  .post(
    '/projects/upload/',
    about({
      summary: 'Create projects with their flows from files, or one from a zip archive of flows',
      file: 'file',
      status: 201,
      gives: arrayOf(toFlowRead),
      errors: ['bad_request', 'too_large'],
    }),
    idempotent,
    async (c) => {
      const projects = parseProjects(await readUpload(c))
      const flows = await uploadProjects(c.var.ask, projects)
      return answer(c, flows.map(toFlowRead), 201)
    },
  )

  .patch(
    '/projects/:project_id',
    about({
      summary: 'Change a project and which flows are in it',
      gives: toFolderRead,
      blind: true,
      errors: ['bad_request', 'forbidden', 'not_found'],
    }),
    path(RealProjectPath),
    patch(ProjectUpdate),
    async (c) => {
      const { project_id } = c.req.valid('param')
      const project = await updateProject(c.var.ask, project_id, c.req.valid('json'))
      return project ? c.json(toFolderRead(project)) : c.body(null, 204)
    },
  )

  .delete(
    '/projects/:project_id',
    about({
      summary: 'Delete a project with its flows and the grants on them',
      errors: ['bad_request', 'conflict', 'forbidden', 'not_found'],
    }),
    path(RealProjectPath),
    async (c) => {
      await deleteProject(c.var.ask, c.req.valid('param').project_id)
      return c.body(null, 204)
    },
  )

/** The flows of a project that was read with their owners, or without. */
function toFlow({
  owners,
}: Row): (flow: Row) => ReturnType<typeof toFlowRead> & { owner?: unknown } {
  if (owners === undefined) return toFlowRead
  const ownerOf = toOwners(owners)
  return (flow) => ({ ...toFlowRead(flow), owner: ownerOf(flow) })
}

/** RFC 5987: encodeURIComponent leaves four characters that the header must not have. */
const toExtValue = (text: string) =>
  encodeURIComponent(text).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
