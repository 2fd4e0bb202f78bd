import { defineJob } from '@isobar/core'

/** What a leaky job leaves behind: 100 KB of it. */
export const LEAKS = ['heap', 'buffers', 'native'] as const
export type Leak = (typeof LEAKS)[number]

/** The job type. It takes some time, as jobs do: so much leaves its isolate some 50 MB a second heavier. */
export const leaky = defineJob<Leak>({ name: 'leaky', queue: 'leaky' })

/** How long a job takes, in ms. */
export const LEAKY_MS = 20
