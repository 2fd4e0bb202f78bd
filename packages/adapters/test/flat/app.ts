import { type App, createApp, defineJob, fixed } from '@isobar/core'

/** A job tells by its number what becomes of it. */
export interface Numbered {
  readonly n: number
}

/** The job type. */
export const numbered = defineJob<Numbered>({
  name: 'numbered',
  queue: 'numbered',
  retry: { attempts: 2, backoff: fixed(1) },
})

/** What goes out with its ack. */
export const followUp = defineJob<Numbered>({ name: 'follow-up', queue: 'follow-up' })

const kept: unknown[] = []

/**
 * Of ten jobs seven are done at once, two after a failure, and one dies; each that is done brings another, and all use
 * what a job is given. With `leaks` each leaves an object behind.
 */
export function createFlatApp({ leaks }: { readonly leaks: boolean }): App {
  return createApp()
    .on(numbered, async (ctx) => {
      const { n } = ctx.data
      if (leaks) kept.push({ n })
      ctx.scope.defer(() => {})
      ctx.signal.throwIfAborted()
      ctx.progress({ n })
      await ctx.enqueue(followUp, { n })
      if (n % 10 === 9 || (n % 5 === 3 && ctx.attempt === 1)) throw new Error(`job ${n} fails`)
      return { n }
    })
    .on(followUp, () => {})
}

/** Jobs that come of one, and whether it dies. */
export const toEnds = (n: number): { readonly jobs: number; readonly dies: boolean } =>
  n % 10 === 9 ? { jobs: 1, dies: true } : { jobs: 2, dies: false }
