import { defineJob, fixed } from '@isobar/core'

/** What is run a million times. */
export const soak = defineJob<{ readonly n: number; readonly text: string }>({
  name: 'soak',
  queue: 'soak',
  retry: { attempts: 2, backoff: fixed(1) },
})
