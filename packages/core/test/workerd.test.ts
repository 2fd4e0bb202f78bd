import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NOT_IN_WORKERD } from './workerd/not-in-workerd.ts'

const root = new URL('../', import.meta.url)

/** Whether a test turns on collections at will, which workerd has no way to do. */
const collects = (path: string): boolean =>
  /import \{[^}]*\bsetFlagsFromString\b[^}]*\} from 'node:v8'/.test(readFileSync(new URL(path, root), 'utf8'))

test('workerd runs all tests of the core but those that need what it has not', () => {
  const files = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
  const tests = files.filter((name) => name.endsWith('.test.ts')).map((name) => `src/${name}`)
  expect(tests.length).toBeGreaterThan(50)
  expect(Object.keys(NOT_IN_WORKERD).sort()).toEqual(tests.filter(collects).sort())
})
