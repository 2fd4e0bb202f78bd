import type { Aging } from '../aging-record.ts'
import { runChild } from '../child.ts'
import type { Group } from '../group.ts'

/** Processes, each of which ages once. */
const PROCESSES = 15

/** P7: whether a worker's ten thousandth job takes longer than its first. */
export const aging: Group = {
  name: 'aging',
  targets: ['P7'],
  async run({ row, target, signal, rounds: processes = PROCESSES }) {
    const rounds: Aging[] = []
    for (let round = 0; round < processes; round++) {
      rounds.push(await runChild<Aging>(new URL('../modules/aging.ts', import.meta.url), { signal }))
    }
    row({ name: 'jobs 1 to 1,000', unit: 'us', rounds: rounds.map(({ early }) => early.job) })
    row({ name: 'jobs 9,001 to 10,000', unit: 'us', rounds: rounds.map(({ late }) => late.job) })
    row({ name: 'reference load, early', unit: 'us', rounds: rounds.map(({ early }) => early.reference) })
    row({ name: 'reference load, late', unit: 'us', rounds: rounds.map(({ late }) => late.reference) })
    target({
      id: 'P7',
      name: 'late-over-early',
      is: '<=',
      limit: 1.02,
      rounds: rounds.map(({ early, late }) => late.job / late.reference / (early.job / early.reference)),
    })
  },
}
