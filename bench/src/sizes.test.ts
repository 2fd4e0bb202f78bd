import { expect, test } from 'vitest'
import { measureSize, SIZE_BUDGETS } from './sizes.ts'

test.each(SIZE_BUDGETS)('$name is at most $limit bytes, minified and gzipped', async ({ code, external, limit }) => {
  const { gzipped, parts } = await measureSize(code, external)
  const list = parts.map(([file, bytes]) => `${bytes} ${file}`).join('\n')
  expect(gzipped, `minified bytes by file:\n${list}`).toBeLessThanOrEqual(limit)
})

test('a size is that of the code and of what it imports', async () => {
  const one = await measureSize('export const one = 1')
  const core = await measureSize("export * from '@isobar/core'")
  expect(one.minified).toBeLessThan(50)
  expect(one.parts.map(([file]) => file)).toEqual(['<stdin>'])
  expect(core.minified).toBeGreaterThan(core.gzipped)
  expect(core.parts.map(([file]) => file)).toContainEqual(expect.stringMatching(/core\/src\/app\.ts$/))
})

test('code that does not bundle is an error, not a size', async () => {
  await expect(measureSize("export * from '@isobar/none'")).rejects.toThrow('@isobar/none')
})
