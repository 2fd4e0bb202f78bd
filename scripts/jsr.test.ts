import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FOLDERS, NPM_ONLY, readManifest, toJsr } from './jsr.ts'
import { createJsrWorkspace, publishJsr } from './publish-jsr.ts'

describe('jsr.json', () => {
  test('leaves out only what a package has', () => {
    const subpaths = FOLDERS.map(readManifest).flatMap(({ name, exports }) =>
      Object.keys(exports).map((subpath) => `${name}${subpath.slice(1)}`),
    )
    for (const specifier of Object.keys(NPM_ONLY)) expect(subpaths).toContain(specifier)
  })

  const manifest = { name: '@isobar/one', version: '2.0.0', license: 'MIT', exports: { '.': './src/index.ts' } }
  const versions = { workspace: '2.0.0', catalog: { pg: '8.23.1' } }

  test('takes over versions, and has the command as ./cli', () => {
    const one = {
      ...manifest,
      bin: { one: './src/main.ts' },
      dependencies: { '@isobar/core': 'workspace:^', '@isobar/exact': 'workspace:*', croner: '11.0.1' },
      peerDependencies: { pg: '>=8.16' },
      devDependencies: { pg: 'catalog:' },
    }
    expect(toJsr(one, versions)).toMatchObject({
      version: '2.0.0',
      exports: { '.': './src/index.ts', './cli': './src/main.ts' },
      imports: {
        '@isobar/core': 'jsr:@isobar/core@^2.0.0',
        '@isobar/exact': 'jsr:@isobar/exact@2.0.0',
        croner: 'npm:croner@11.0.1',
        pg: 'npm:pg@^8.23.1',
      },
    })
  })

  test('has no version for a peer that is not tested', () => {
    expect(() => toJsr({ ...manifest, peerDependencies: { pg: '>=8' } }, versions)).toThrow(
      '@isobar/one has the peer pg',
    )
  })
})

/** What JSR would refuse: imports it cannot follow, slow types, files that are missing. Without a network. */
describe('deno publish --dry-run', () => {
  let root: string
  let output: string

  beforeAll(async () => {
    root = createJsrWorkspace()
    output = await publishJsr(root, ['--dry-run'], { ...process.env, ...OFFLINE })
  })

  afterAll(() => rmSync(root, { recursive: true }))

  test.each(FOLDERS)('has all files of %s but its tests', (folder) => {
    const { publish } = JSON.parse(readFileSync(join(root, folder, 'jsr.json'), 'utf8'))
    const sources = readdirSync(join(root, folder, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(root, folder).length + 1))
      .filter((path) => !path.endsWith('.test.ts') && !publish.exclude.includes(path))
    expect(publishedBy(output, join(root, folder)).sort()).toEqual(['README.md', 'jsr.json', ...sources].sort())
  })
})

/** Nothing may be asked of a registry: no one listens there. */
const OFFLINE = { NPM_CONFIG_REGISTRY: 'http://127.0.0.1:9', JSR_URL: 'http://127.0.0.1:9', DENO_NO_UPDATE_CHECK: '1' }

/** The files of a package that a dry run lists: `   file:///…/src/index.ts (1.2KB)`. */
function publishedBy(output: string, folder: string): string[] {
  const paths = [...output.matchAll(/^ +(file:\/\/\S+) \(/gm)].map(([, url = '']) => fileURLToPath(url))
  return paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1))
}
