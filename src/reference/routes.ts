// /openapi.json and /docs
import { Hono } from 'hono/tiny'
import type { RouterRoute } from 'hono/types'
import { about } from '../about.ts'
import type { Open } from '../env.ts'
import { type Document, describeApp } from './document.ts'
import { renderPage } from './page.ts'

/** The page is all there is: no script, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

/** `routes` are read at the first request, when the map is complete, and described once. */
export function reference(routes: () => readonly RouterRoute[]) {
  let known: Document | undefined
  const document = () => {
    known ??= describeApp(routes())
    return known
  }
  return new Hono<Open>()
    .get(
      '/openapi.json',
      about({
        summary: 'This description',
        open: true,
        reads: 'nothing',
        tagged: true,
        gives: {
          schema: {
            type: 'object',
            required: ['openapi', 'info', 'paths', 'components'],
            examples: [{ openapi: '3.1.0', info: {}, paths: {}, components: {} }],
          },
        },
      }),
      (c) => c.json(document()),
    )
    .get(
      '/docs',
      about({
        summary: 'The API reference to read',
        open: true,
        reads: 'nothing',
        tagged: true,
        archive: 'text/html',
      }),
      (c) => {
        c.header('content-security-policy', POLICY)
        return c.html(renderPage(document()))
      },
    )
}
