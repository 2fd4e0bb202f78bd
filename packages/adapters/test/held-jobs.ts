import { defineJob } from '@isobar/core'

/** A job that takes until its worker is told to finish. Its data tells jobs apart. */
export const held = defineJob<string>({ name: 'held', queue: 'held', timeout: false })

/** What goes out with the ack of a `held` job, or not at all. */
export const followUp = defineJob<{ readonly of: string; readonly from: string }>({
  name: 'follow-up',
  queue: 'follow-up',
})
