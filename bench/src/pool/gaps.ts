import type { GroupContext } from '../group.ts'
import { takeTurns } from '../in-turn.ts'
import { median } from '../median.ts'
import type { GapFigures, GapTask } from '../modules/pool-gaps.ts'
import { runModule } from './measure.ts'

/** Replacements in a round, and how long it is looked around each. */
const OFTEN = { times: 8, warmUpMs: 2_000, windowMs: 600 }

/** By its title: how an isolate is replaced. */
const WAYS = {
  'successor first': { way: 'successor-first', spares: 1, ...OFTEN },
  'exit, then restart': { way: 'exit-then-restart', spares: 0, ...OFTEN },
  'killed, with a spare': { way: 'kill', spares: 1, ...OFTEN },
  'killed, without': { way: 'kill', spares: 0, ...OFTEN },
} as const satisfies Readonly<Record<string, GapTask>>

/** How long no job ends when the only isolate is replaced under a steady load. */
export async function measureGaps({ row, target, signal }: GroupContext, rounds: number): Promise<void> {
  const figures = await takeTurns(Object.keys(WAYS) as (keyof typeof WAYS)[], {
    rounds,
    signal,
    measure: (name) => runModule<GapFigures>('pool-gaps', WAYS[name], signal),
    onDone(name, all) {
      row({ name: `gap, ${name}: p50`, unit: 'ms', rounds: all.map(({ gaps }) => median(gaps)) })
      row({ name: `gap, ${name}: most`, unit: 'ms', rounds: all.map(({ gaps }) => Math.max(...gaps)) })
    },
  })
  const background = Object.values(figures)
    .flat()
    .map(({ background }) => background)
  row({ name: 'gap, nothing replaced: p50', unit: 'ms', rounds: background.map(median) })
  row({ name: 'gap, nothing replaced: most', unit: 'ms', rounds: background.map((all) => Math.max(...all)) })
  const killed = figures['killed, with a spare'].map(({ gaps }) => Math.max(...gaps))
  target({ id: 'P5', name: 'replacement-after-kill-ms', is: '<=', limit: 200, rounds: killed })
}
