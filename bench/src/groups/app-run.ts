import { byRound } from '../by-round.ts'
import type { Group } from '../group.ts'
import { timeInRounds } from '../in-rounds.ts'
import { createHonoChain } from '../peers/hono.ts'
import { createRuns, noop } from '../subjects/runs.ts'

/** P1: what `app.run` costs over calling the handler, and middleware beside Hono's. */
export const appRun: Group = {
  name: 'app-run',
  targets: ['P1'],
  async run({ row, target, signal, rounds }) {
    const { plain, middleware, ...variants } = createRuns()
    const [hono0, hono3] = await Promise.all([createHonoChain(0), createHonoChain(3)])
    // What is compared stands side by side.
    const times = await timeInRounds(
      { bare: noop, plain, middleware, hono0, hono3, ...variants },
      rounds ? { rounds, signal } : { signal },
    )
    const over = (longer: readonly number[], shorter: readonly number[]) => byRound((a, b) => a - b, longer, shorter)
    const overhead = over(times.plain, times.bare)
    const withSignal = over(times.signal, times.bare)
    const ours = over(times.middleware, times.plain)
    const theirs = over(times.hono3, times.hono0)
    const ratio = byRound((a, b) => a / b, ours, theirs)

    row({ name: 'handler called bare', unit: 'us', rounds: times.bare })
    row({ name: 'app.run, over the bare call', unit: 'us', rounds: overhead })
    row({ name: '  no deadline', unit: 'us', rounds: over(times.timeless, times.bare) })
    row({ name: '  data, decoded by the broker', unit: 'us', rounds: over(times.value, times.bare) })
    row({ name: '  data, 24 bytes of JSON', unit: 'us', rounds: over(times.text, times.bare) })
    row({ name: '  handler touches ctx.signal', unit: 'us', rounds: withSignal })
    row({ name: '  handler calls ctx.scope.defer', unit: 'us', rounds: over(times.scope, times.bare) })
    row({ name: 'three middlewares more: app.run', unit: 'us', rounds: ours })
    row({ name: 'three middlewares more: Hono compose', unit: 'us', rounds: theirs })

    target({ id: 'P1', name: 'app-run-overhead-us', is: '<=', limit: 1, rounds: overhead })
    target({ id: 'P1', name: 'app-run-signal-us', is: '<=', limit: 4.5, rounds: withSignal })
    target({ id: 'P1', name: 'middleware-over-hono', is: '<=', limit: 1.2, rounds: ratio })
  },
}
