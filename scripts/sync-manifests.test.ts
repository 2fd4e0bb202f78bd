import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { derivedFiles } from './sync-manifests.ts'

const files = [...derivedFiles()].map(([path, text]) => ({ path, text }))

test.each(files)('$path follows from package.json', ({ path, text }) => {
  expect(readFileSync(path, 'utf8'), 'write it anew: node scripts/sync-manifests.ts').toBe(text)
})

test('versions in the code are among what follows', () => {
  expect(files.filter(({ path }) => path.endsWith('/version.ts'))).toHaveLength(3)
})
