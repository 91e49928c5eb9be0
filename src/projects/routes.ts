// /api/v1/projects
import { Hono } from 'hono'
import type { SignedIn } from '../access/authenticate.ts'
import { ApiError } from '../errors.ts'
import { toFlowRead } from '../flows/view.ts'
import { body, path } from '../params.ts'
import { ProjectCreate, ProjectPath } from './params.ts'
import { createProject, findProject, listProjects } from './query.ts'
import { toFolderRead } from './view.ts'

export const projects = new Hono<SignedIn>()

  .get('/projects/', async (c) => {
    const rows = await listProjects(c.var.db, c.var.credential)
    return c.json(rows.map(toFolderRead))
  })

  .get('/projects/:project_id', path(ProjectPath), async (c) => {
    const { project_id } = c.req.valid('param')
    const { project, allowed, flows } = await findProject(c.var.db, c.var.credential, project_id)
    if (!allowed) throw new ApiError('forbidden', 'You do not have permission to view this project')
    if (!project) throw new ApiError('not_found', 'Project not found')
    return c.json({ ...toFolderRead(project), flows: flows.map(toFlowRead) })
  })

  .post('/projects/', body(ProjectCreate), async (c) => {
    const project = await createProject(c.var.db, c.var.credential, c.req.valid('json'))
    return c.json(toFolderRead(project), 201)
  })
