import { type BackoffData, defineJob, definePlugin, type Plugin } from '@isobar/core'
import { z } from 'zod'

/** Attempts of a probe. */
export const PROBE_ATTEMPTS = 2

/** Ask a mailbox's server whether it answers: it is silent so many times. */
export const probeMailbox = defineJob({
  name: 'mailbox.probe',
  queue: 'warmup:process',
  data: z.object({ address: z.email(), silent: z.number().int().nonnegative() }),
  result: z.object({ address: z.email(), attempts: z.number() }),
  retry: { attempts: PROBE_ATTEMPTS },
  timeout: '100ms',
})

/** Probes that wait until their time is over, as mail itself never does here. */
export function probing(backoff: BackoffData): Plugin {
  return definePlugin({
    name: 'probing',
    setup(app) {
      app.on({ ...probeMailbox, retry: { ...probeMailbox.retry, backoff } }, async (ctx) => {
        const { address, silent } = ctx.data
        if (ctx.job.attempt <= silent) await aborted(ctx.signal)
        return { address, attempts: ctx.job.attempt }
      })
    },
  })
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
