import { fileURLToPath } from 'node:url'
import { type Measure, type RunReport, runHarness } from '@isobar/leak-harness'
import { runChild } from '../child.ts'
import type { Group } from '../group.ts'
import type { Survivors } from '../modules/survivors.ts'

const ROUNDS = 3

/** The engine without what it learns while it runs: what its compilers keep would be taken for the framework's. */
const EXACT = ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-lazy-feedback-allocation']

/** P6: what the framework itself leaves behind a job, through a whole worker. */
export const memory: Group = {
  name: 'memory',
  targets: ['P6'],
  async run({ row, target, signal, rounds = ROUNDS }) {
    const survivors: Survivors[] = []
    const reports: RunReport[] = []
    for (let round = 0; round < rounds; round++) {
      survivors.push(await countSurvivors(signal))
      reports.push(await replay(signal))
    }
    const slopes = (measure: Measure): number[] => reports.map(({ measures }) => measures[measure].slope ?? Number.NaN)
    const would = (measure: Measure): number[] => reports.map(({ measures }) => measures[measure].mde ?? Number.NaN)

    row({ name: 'objects alive after the warm-up', unit: 'objects', rounds: survivors.map(({ before }) => before) })
    row({ name: 'heap: smallest growth that would be seen', unit: 'bytes a job', rounds: would('heap') })
    row({ name: 'external', unit: 'bytes a job', rounds: slopes('external') })
    row({ name: 'rss', unit: 'bytes a job', rounds: slopes('rss') })
    row({ name: 'handles', unit: 'a job', rounds: slopes('handles') })
    row({
      name: 'containers that gain entries for ever',
      unit: 'containers',
      rounds: reports.map(({ containers }) => containers.filter(({ state }) => state === 'leaks').length),
    })
    target({
      id: 'P6',
      name: 'objects-after-10000-jobs',
      is: '<=',
      limit: 0,
      rounds: survivors.map(({ before, after }) => after - before),
    })
    target({ id: 'P6', name: 'heap-bytes-per-job', is: '<=', limit: 0.1, rounds: slopes('heap') })
  },
}

function countSurvivors(signal: AbortSignal): Promise<Survivors> {
  const flags = ['--disable-warning=ExperimentalWarning', ...EXACT]
  return runChild<Survivors>(new URL('../modules/survivors.ts', import.meta.url), { flags, signal })
}

async function replay(signal: AbortSignal): Promise<RunReport> {
  const module = fileURLToPath(new URL('../modules/relay-job.ts', import.meta.url))
  const { runs, failed } = await runHarness({ module, signal })
  const [run] = runs
  if (!run) throw new Error(`the leak harness could not replay the worker: ${failed[0]?.error}`)
  return run
}
