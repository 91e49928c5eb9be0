// Projects from files: each JSON document is one, and so is a zip archive of flows, by its own name.
import { ApiError } from '../errors.ts'
import { atMost, type Document, parseFlows, requireFlows, whereIn } from '../flows/files/upload.ts'
import { parse } from '../params.ts'
import { ProjectFile } from './params.ts'

/** Each is a dozen statements of one transaction, for which all other writes wait. */
const MAX_PROJECTS = 50

/** The projects in the documents. Throws 400 for one without flows, 422 for fields at fault. */
export function parseProjects(documents: readonly Document[]): ProjectFile[] {
  const loose = new Map<string, Document[]>()
  const projects: ProjectFile[] = []
  for (const document of documents) {
    const { archive, content } = document
    if (archive !== undefined && !('folder_name' in content))
      loose.set(archive, [...(loose.get(archive) ?? []), document])
    else projects.push(parseProject(document, documents))
  }
  for (const [archive, flows] of loose)
    projects.push({
      folder_name: nameIn(archive),
      folder_description: null,
      flows: parseFlows(flows),
    })
  if (projects.length === 0) throw new ApiError('bad_request', 'No flows found in the file')
  atMost(projects.flatMap(({ flows }) => flows))
  if (projects.length > MAX_PROJECTS)
    throw new ApiError('bad_request', `At most ${MAX_PROJECTS} projects are imported at once`)
  return projects
}

function parseProject(document: Document, documents: readonly Document[]): ProjectFile {
  const { content } = document
  if (Object.keys(content).length === 0)
    throw new ApiError('bad_request', 'No flows found in the file')
  if (!('flows' in content)) throw new ApiError('bad_request', 'No flows found in the data')
  requireFlows(document)
  return parse(ProjectFile, content, whereIn(document, documents))
}

/** `20260131_120000_<project>_flows.zip`, as it was exported, or whatever it is called now. */
function nameIn(archive: string): string {
  const name = archive
    .replace(/^.*[\\/]/, '')
    .replace(/( \(\d+\))?\.zip$/i, '')
    .replace(/^\d{8}_\d{6}_/, '')
    .replace(/_flows$/, '')
  const { folder_name } = parse(ProjectFile, { folder_name: name, flows: [] }, 'body')
  return folder_name.trim() || 'Imported project'
}
