// Builds the console into dist/console: one script, one sheet and the icon under names that change with what is in
// them, and the page that names them. wrangler runs it before whatever it does ([build] in wrangler.toml).
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** Where the files are now, old ones gone. */
export async function buildConsole(directory = join(root, 'dist', 'console')): Promise<void> {
  await build({
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
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole()
