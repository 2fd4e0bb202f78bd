import type { BackoffData } from '@isobar/core'

/** What the platform's plugins can be told. */
export interface MailOptions {
  /** Delays between attempts, in place of production's 2 s … 300 s. */
  readonly backoff?: BackoffData
  /** Soft bounces after which an address is suppressed. Default 3. */
  readonly softBounceLimit?: number
}

/** Soft bounces after which an address is suppressed. */
export const DEFAULT_SOFT_BOUNCE_LIMIT = 3
