// Builds the files that go beside the Worker, into dist/files: the console, and the reference of the API, which is the
// same for every deployment. wrangler runs it before whatever it does ([build] in wrangler.toml).
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { revisions } from '../../migrations/bundle.ts'
import { createApp } from '../app.ts'
import { describeApp } from '../reference/document.ts'
import { renderPage } from '../reference/page.ts'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** The console: one script, one sheet and the icon under names that change with what is in them, and the page that names them. */
const buildConsole = (directory: string) =>
  build({
    root: join(root, 'src', 'console'),
    base: '/console/',
    configFile: false,
    logLevel: 'warn',
    // Else an environment that is not production's, as that of tests, gets larger files with paths of this machine in them.
    oxc: { jsx: { development: false } },
    build: {
      outDir: directory,
      emptyOutDir: true,
      assetsDir: '',
      // Our policy lets nothing in that stands in the page itself.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2022',
      reportCompressedSize: false,
      rolldownOptions: { output: { hashCharacters: 'hex' } },
    },
  })

/** The reference: read off the routes, for programs and for people. */
function writeReference(directory: string): void {
  const document = describeApp(createApp(revisions).routes)
  writeFileSync(join(directory, 'openapi.json'), JSON.stringify(document))
  writeFileSync(join(directory, 'docs.html'), String(renderPage(document)))
}

/** Where the files are now, old ones gone. */
export async function buildFiles(directory = join(root, 'dist', 'files')): Promise<void> {
  await buildConsole(directory)
  writeReference(directory)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildFiles()
