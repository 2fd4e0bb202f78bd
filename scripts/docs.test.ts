import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs', root)).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md'))
const examples = readdirSync(new URL('docs/examples', root)).filter((name) => name.endsWith('.ts'))

/** What each example prints. */
const PRINTS: Readonly<Record<string, readonly string[]>> = {
  'quick-start.ts': ['sent to ann@example.org', 'connection closed'],
  'plugin.ts': ['ack email.track'],
  'durable.ts': ['receipt of order 42'],
  'isolates.ts': ['ack page.render', 'true 1', 'draining', 'stopped'],
  'isolates-app.ts': [''],
  'recorder.ts': ['1 email.send true 1'],
  // A Worker: test/workerd/example.test.ts in the adapters sends it a job.
  'cloudflare-worker.ts': [''],
}

describe('examples run', () => {
  test.each(examples)('%s', async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      fileURLToPath(new URL(`docs/examples/${name}`, root)),
    ])
    expect(stdout.trim().split('\n')).toEqual(PRINTS[name])
  })
})

describe('pages', () => {
  test('README stays under 120 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(120)
  })

  test.each(pages)('%s: code that names an example is that example, and links lead somewhere', (path) => {
    const text = read(path)
    for (const [, name = '', code = ''] of text.matchAll(/```ts\n\/\/ (docs\/examples\/\S+)\n([\s\S]*?)```/g)) {
      expect(read(name), name).toContain(code.trim())
    }
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      expect(
        () => read(new URL(link, new URL(path, root)).href.slice(root.href.length)),
        `${path} links to ${link}`,
      ).not.toThrow()
    }
  })
})
