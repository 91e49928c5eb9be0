// What the API description says about projects.
import { toFlowRead } from '../flows/view.ts'
import { type About, listOf, object } from '../wire.ts'
import { toFolderRead } from './view.ts'

export const aboutProjects: About = {
  'GET /api/v1/projects/': {
    summary: 'List the projects that the caller may read',
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
  },
}
