import type { WorkerOptions } from './start-miniflare.ts'

/** Whether a Worker may reach the network. */
export type Outbound = 'block' | 'allow'

/** What is said of it in a report. */
export const BLOCKED_NOTE = 'requests to the network were blocked (--outbound allow lets them through)'

const NAME = 'leak-harness-outbound'

/** Throws what the Worker under test then sees its `fetch` reject with. */
const BLOCKER: WorkerOptions = {
  name: NAME,
  compatibilityDate: '2026-11-01',
  cacheAPI: false,
  modules: [
    {
      type: 'ESModule',
      path: 'outbound.js',
      contents: `export default {
  fetch(request) {
    throw new Error('the leak harness blocks requests to the network, here to ' + new URL(request.url).host + '; --outbound allow lets them through')
  }
}`,
    },
  ],
}

/** The Workers with their way to the network barred, unless it is open. */
export function withOutbound(
  workers: readonly [WorkerOptions, ...WorkerOptions[]],
  outbound: Outbound | undefined,
): [WorkerOptions, ...WorkerOptions[]] {
  const [first, ...others] = workers
  if (outbound === 'allow') return [first, ...others]
  const bar = (worker: WorkerOptions): WorkerOptions => ({ ...worker, outboundService: NAME })
  return [bar(first), ...others.map(bar), BLOCKER]
}
