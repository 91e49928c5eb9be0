// Builds the console into dist/console: one script and one sheet under names that change with what is in them, and
// the page that names them. wrangler runs it before whatever it does ([build] in wrangler.toml).
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))
const source = join(root, 'src', 'console')

/** Where the files are now, old ones gone. */
export async function buildConsole(directory = join(root, 'dist', 'console')): Promise<void> {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const { metafile } = await build({
    entryPoints: { main: join(source, 'main.tsx'), style: join(source, 'style.css') },
    outdir: directory,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx/dom',
    metafile: true,
    logLevel: 'warning',
  })
  const names = Object.keys(metafile.outputs).map((path) => basename(path))
  const nameOf = (end: string) => names.find((name) => name.endsWith(end)) ?? ''
  const page = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('%SCRIPT%', nameOf('.js'))
    .replace('%STYLE%', nameOf('.css'))
  writeFileSync(join(directory, 'index.html'), page)
  copyFileSync(join(source, 'icon.svg'), join(directory, 'icon.svg'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildConsole()
