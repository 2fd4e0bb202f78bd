import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findCulprits } from './culprits.ts'

const types = Array.from({ length: 10 }, (_, n) => `t${n}`)
const some = fc.subarray(types, { minLength: 1, maxLength: 4 })

it('names each type that makes the difference by itself', async () => {
  await fc.assert(
    fc.asyncProperty(some, async (guilty) => {
      const found = await findCulprits(types, async (group) => group.some((type) => guilty.includes(type)), 100)
      expect(found).toEqual({ types: guilty, isComplete: true })
    }),
  )
})

it('names those that make it together only', async () => {
  await fc.assert(
    fc.asyncProperty(some, async (guilty) => {
      const found = await findCulprits(types, async (group) => guilty.every((type) => group.includes(type)), 100)
      expect(found).toEqual({ types: guilty, isComplete: true })
    }),
  )
})

it('takes no more probes than it may, and names nobody without proof', async () => {
  await fc.assert(
    fc.asyncProperty(some, fc.nat(12), fc.boolean(), async (guilty, max, together) => {
      let probes = 0
      const differs = async (group: readonly string[]): Promise<boolean> => {
        probes++
        return together ? guilty.every((type) => group.includes(type)) : guilty.some((type) => group.includes(type))
      }
      const { types: found, isComplete } = await findCulprits(types, differs, max)
      expect(probes).toBeLessThanOrEqual(max)
      expect(found.every((type) => guilty.includes(type))).toBe(true)
      if (isComplete) expect(found).toEqual(guilty)
    }),
  )
})

it('needs no probe for one type, and finds one of twelve in eight', async () => {
  let probes = 0
  const differs = async (group: readonly string[]): Promise<boolean> => {
    probes++
    return group.includes('t7')
  }
  expect(await findCulprits(['t7'], differs, 0)).toEqual({ types: ['t7'], isComplete: true })
  expect(await findCulprits([...types, 't10', 't11'], differs, 12)).toEqual({ types: ['t7'], isComplete: true })
  expect(probes).toBeLessThanOrEqual(8)
})
