import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { serviceUrl } from './services/service-url.ts'
import type { ServiceName } from './services.ts'

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
  'deno.ts': ['200', 'look-around ack { home: "string", passwords: "NotCapable" }'],
  'deno-app.ts': [''],
  'bun.ts': ['ack page.render'],
  'bullmq.ts': ['50 receipt of order 42', 'done w1 1'],
  'recorder.ts': ['1 email.send true 1'],
  'http.ts': [
    'isobar_dead_letters_total{queue="email",job="email.send",reason="unrecoverable"} 1',
    '{"to":"string"}',
    '403',
    '{ count: 1 }',
  ],
  'opentelemetry.ts': [
    'POST /mails, in nothing',
    'process analytics, in process email',
    'process email, in send email',
    'send email, in POST /mails',
  ],
  // A Worker: test/workerd/example.test.ts in the adapters sends it a job.
  'cloudflare-worker.ts': [''],
}

const binary = (name: string): string => fileURLToPath(new URL(`node_modules/.bin/${name}`, root))

/** What runs an example: Node, unless it is of another runtime. */
const RUNTIMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'deno.ts': [binary('deno'), 'run', '-A', '--node-modules-dir=manual', '--no-lock'],
  'bun.ts': [binary('bun')],
}

/** The services that examples need, and the variables that name them. */
const SERVICES: Readonly<Record<string, readonly [variable: string, service: ServiceName]>> = {
  'bullmq.ts': ['REDIS_URL', 'redis'],
}

describe('examples run', () => {
  test.each(examples)('%s', async (name) => {
    const [file, ...args] = RUNTIMES[name] ?? [process.execPath]
    const script = fileURLToPath(new URL(`docs/examples/${name}`, root))
    // Deno would take the workspace for one of its own.
    const [variable, service] = SERVICES[name] ?? []
    const env = {
      ...process.env,
      DENO_NO_PACKAGE_JSON: '1',
      ...(variable && service && { [variable]: await serviceUrl(service) }),
    }
    const { stdout } = await promisify(execFile)(file, [...args, script], { env })
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
