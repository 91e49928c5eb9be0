// The app's own route table: what the tests that run over all routes go by.
import { revisions } from '../../migrations/bundle.ts'
import { createApp } from '../../src/app.ts'

/** `GET /api/v1/flows/` and all the others, once each. */
export function listRoutes(): string[] {
  const named = createApp(revisions)
    .routes.filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
  return [...new Set(named)]
}

/** The decision API says with its standard what LangBuilder's clients know under another status. */
export const inStandard = (route: string) => /^[A-Z]+ \/access\/v1\//.test(route)
export const statusOfInvalid = (route: string) => (inStandard(route) ? 400 : 422)
/** Where there is no directory, its addresses are answered as unknown ones. */
const ofDirectory = (route: string) => / \/scim\/v2\//.test(route)
export const statusOfNobody = (route: string) =>
  ofDirectory(route) ? 404 : inStandard(route) ? 401 : 403
