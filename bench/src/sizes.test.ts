import { describe, expect, test } from 'vitest'
import { entryBudgets, measureSize, SIZE_BUDGETS, type SizeBudget } from './sizes.ts'

describe('what is promised', () => {
  test.each(SIZE_BUDGETS)('$name is at most $limit bytes, minified and gzipped', async (budget) => {
    await expectWithin(budget)
  })
})

describe('entries', () => {
  test.each(entryBudgets())('$name is at most $limit bytes, and not much less', async (budget) => {
    const gzipped = await expectWithin(budget)
    expect(gzipped * 1.1 + 100, `lower the limit of ${budget.name}, so that what is gained stays`).toBeGreaterThan(
      budget.limit,
    )
  })
})

async function expectWithin({ name, code, external, limit }: SizeBudget): Promise<number> {
  const { gzipped, parts } = await measureSize(code, external)
  const list = parts.map(([file, bytes]) => `${bytes} ${file}`).join('\n')
  expect(
    gzipped,
    `${name} outgrew its budget: import less (minified bytes by file are below), or decide to raise it in sizes.ts\n${list}`,
  ).toBeLessThanOrEqual(limit)
  return gzipped
}

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
