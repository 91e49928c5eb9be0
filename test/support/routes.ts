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
