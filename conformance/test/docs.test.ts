import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { RUNTIMES } from './runtimes.ts'

const workspace = new URL('../../', import.meta.url)

/** The workerd in which the core's own tests run: that of the Vitest plugin, which no package of ours names. */
function workerdVersion(): string {
  const plugin = new URL('packages/core/node_modules/@cloudflare/vitest-plugin/package.json', workspace)
  const fromPlugin = createRequire(realpathSync(plugin))
  const fromMiniflare = createRequire(fromPlugin.resolve('miniflare'))
  return fromMiniflare('workerd/package.json').version
}

test('the versions that the page states are those that the suites run on', () => {
  const page = readFileSync(new URL('docs/conformance.md', workspace), 'utf8')
  const stated = [...page.matchAll(/^\| (Node \d+|Deno|Bun|workerd) \| (\S+) \|/gm)].map(([, name, version]) => [
    name?.toLowerCase().replace(' ', ''),
    version,
  ])
  expect(stated).toEqual([
    ...Object.entries(RUNTIMES).map(([name, runtime]) => [name, runtime().version]),
    ['workerd', workerdVersion()],
  ])
})
