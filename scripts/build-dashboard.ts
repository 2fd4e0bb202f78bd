/**
 * `node scripts/build-dashboard.ts`: makes the files of the dashboard from the sources in its folder `page/`, and writes
 * them as one module, which the HTTP adapter serves them from. Users have nothing to build, and no files to find.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const DASHBOARD = new URL('../packages/adapters/src/http/dashboard/', import.meta.url)

/** What is written. */
export const ASSETS: URL = new URL('assets.ts', DASHBOARD)

const page = (name: string): string => fileURLToPath(new URL(`page/${name}`, DASHBOARD))

/** The module with all files of the dashboard, as it should be. */
export async function dashboardModule(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [
      { in: page('main.ts'), out: 'dashboard' },
      { in: page('style.css'), out: 'dashboard' },
    ],
    outdir: '/',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome120', 'firefox121', 'safari17.2'],
    legalComments: 'none',
    banner: { js: license() },
    // As if it were not there: how sources are laid out is said by this script.
    tsconfigRaw: {},
  })
  const built = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text.trimEnd() ?? ''
  const files: readonly (readonly [name: string, type: string, body: string])[] = [
    ['index.html', 'text/html; charset=utf-8', readFileSync(page('index.html'), 'utf8')],
    ['dashboard.js', 'text/javascript; charset=utf-8', built('.js')],
    ['dashboard.css', 'text/css; charset=utf-8', built('.css')],
    ['icon.svg', 'image/svg+xml', readFileSync(page('icon.svg'), 'utf8')],
  ]
  const entries = files.map(([name, type, body]) => {
    const text = body.replace(/[\\`]|\$(?=\{)/g, '\\$&')
    return `  [\n    '${name}',\n    {\n      type: '${type}',\n      body: \`${text}\`,\n    },\n  ],\n`
  })
  return `// Made by scripts/build-dashboard.ts from the sources in page/: change those, then run it.

/** The files of the dashboard by name, beside the page \`index.html\`, with the type that each is served as. */
export const dashboardAssets: ReadonlyMap<string, { readonly type: string; readonly body: string }> = new Map([
${entries.join('')}])
`
}

/** The notice that must stay with the chart library, whole. */
function license(): string {
  const folder = new URL('../packages/adapters/node_modules/uplot/', import.meta.url)
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string }
  return `/* Contains uPlot ${version}.\n${readFileSync(new URL('LICENSE', folder), 'utf8').trim()} */`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(ASSETS, await dashboardModule())
