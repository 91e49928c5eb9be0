// What the API description says about projects.
import { ARCHIVE_TYPE } from '../flows/archive.ts'
import { toFlowRead } from '../flows/view.ts'
import { type About, listOf, object } from '../wire.ts'
import { toFolderRead } from './view.ts'

export const aboutProjects: About = {
  'GET /api/v1/projects/': {
    summary: 'List the projects that the caller may read, their own Starter Project first',
    gives: listOf(toFolderRead),
  },
  'GET /api/v1/projects/:project_id': {
    summary: 'Read a project with those of its flows that the caller may read',
    gives: object({ flows: listOf(toFlowRead) }, toFolderRead),
    errors: ['forbidden', 'not_found'],
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
    errors: ['forbidden', 'not_found'],
  },
  'POST /api/v1/projects/upload/': {
    summary: 'Create a project with its flows from a file',
    file: 'file',
    status: 201,
    gives: listOf(toFlowRead),
    errors: ['bad_request'],
  },
}
