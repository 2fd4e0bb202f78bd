import type { Aging } from '../aging-record.ts'
import type { Group, GroupContext } from '../group.ts'
import { measureDrain, measureIpc } from '../pool/against-in-process.ts'
import { measureGaps } from '../pool/gaps.ts'
import { measureLeaks } from '../pool/leaks.ts'
import { measureLevels } from '../pool/levels.ts'
import { runModule } from '../pool/measure.ts'
import { measureRecycling } from '../pool/recycling.ts'

/** Rounds by default. */
const ROUNDS = 3

/** Isolates that age, by default: single processes scatter. */
const PROCESSES = 9

/** P4, P5 and P7: what it costs to run handlers in isolates, and to replace those. Linux only: it reads `/proc`. */
export const node: Group = {
  name: 'node',
  targets: ['P4', 'P5', 'P7'],
  async run(context) {
    const { rounds = ROUNDS } = context
    await measureDrain(context, rounds)
    await measureIpc(context, rounds)
    await measureRecycling(context, rounds)
    await measureAging(context, context.rounds ?? PROCESSES)
    await measureGaps(context, rounds)
    await measureLevels(context, rounds)
    await measureLeaks(context)
  },
}

/** P7: whether an isolate's ten thousandth job takes it longer than its first. */
async function measureAging({ row, target, signal }: GroupContext, processes: number): Promise<void> {
  const all: Aging[] = []
  for (let round = 0; round < processes; round++) all.push(await runModule<Aging>('pool-aging', null, signal))
  row({ name: 'in an isolate: jobs 1 to 1,000', unit: 'us', rounds: all.map(({ early }) => early.job) })
  row({ name: 'in an isolate: jobs 9,001 to 10,000', unit: 'us', rounds: all.map(({ late }) => late.job) })
  target({
    id: 'P7',
    name: 'isolate-late-over-early',
    is: '<=',
    limit: 1.02,
    rounds: all.map(({ early, late }) => late.job / late.reference / (early.job / early.reference)),
  })
}
