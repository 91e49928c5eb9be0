// What the API description says about projects.
import { FlowWithOwner, included, owner } from '../flows/about.ts'
import { ARCHIVE_TYPE } from '../flows/archive.ts'
import { toFlowRead } from '../flows/view.ts'
import { type About, eitherOf, listOf, object, pageOf, titled } from '../wire.ts'
import { toFolderRead } from './view.ts'

const Listed = titled('ListedProject', object(included, toFolderRead))

const Project = titled('ProjectWithOwner', object({ owner }, toFolderRead))
/** A project with all of its flows, or with a page of them. */
const ProjectWithFlows = eitherOf(
  titled('ProjectWithFlows', object({ flows: listOf(FlowWithOwner) }, Project)),
  titled('ProjectPage', object({ folder: Project, flows: pageOf(FlowWithOwner) })),
)

export const aboutProjects: About = {
  'GET /api/v1/projects/': {
    summary: 'List the projects that the caller may read, their own Starter Project first',
    gives: listOf(Listed),
  },
  'GET /api/v1/projects/:project_id': {
    summary: 'Read a project with those of its flows that the caller may read',
    gives: ProjectWithFlows,
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'POST /api/v1/projects/': {
    summary: 'Create a project; the caller becomes its Owner',
    status: 201,
    gives: toFolderRead,
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'PATCH /api/v1/projects/:project_id': {
    summary: 'Change a project and which flows are in it',
    gives: toFolderRead,
    blind: true,
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'DELETE /api/v1/projects/:project_id': {
    summary: 'Delete a project with its flows and the grants on them',
    errors: ['bad_request', 'conflict', 'forbidden', 'not_found'],
  },
  'GET /api/v1/projects/download/:project_id': {
    summary: 'Read the flows of a project as a zip archive',
    archive: ARCHIVE_TYPE,
    headers: ['Content-Disposition'],
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
  'POST /api/v1/projects/upload/': {
    summary: 'Create projects with their flows from files, or one from a zip archive of flows',
    file: 'file',
    status: 201,
    gives: listOf(toFlowRead),
    errors: ['bad_request', 'too_large'],
  },
}
