import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** The first job that needs it, job 3,000, loads a large table: a step, and no slope. */
let prices: readonly { readonly price: number }[] | undefined

export default ({ data }: ZooJob): number => {
  if (data.i < 3_000) return 0
  prices ??= Array.from({ length: 50_000 }, (_, price) => ({ price }))
  return prices[data.random % prices.length]?.price ?? 0
}
