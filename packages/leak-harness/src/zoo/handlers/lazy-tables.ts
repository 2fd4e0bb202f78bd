import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A table for each of 300 countries, built when it is first asked for; some seldom are. */
const tables = new Map<number, readonly number[]>()

export default ({ data }: ZooJob): number => {
  const country = Math.floor(300 * (data.random / 2 ** 32) ** 2)
  let table = tables.get(country)
  if (!table) {
    table = Array.from({ length: 100 }, (_, n) => n * country)
    tables.set(country, table)
  }
  return table[data.i % 100] ?? 0
}
