import { type BackoffData, type Duration, exponential } from '@isobar/core'

/** Delays between attempts: the demo cannot wait production's 2 s … 300 s. */
export const BACKOFF: BackoffData = exponential({ base: '20ms', max: '200ms' })

/** How long a job that nobody handles is put back. */
export const UNKNOWN_AFTER: Duration = '1s'
