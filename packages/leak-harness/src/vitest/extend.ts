import { expect } from 'vitest'
import type { StayFlatOptions } from './options.ts'
import { toStayFlat } from './to-stay-flat.ts'

export type { FastOptions, FullOptions, StayFlatOptions } from './options.ts'

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * Replays jobs through the module at a `file:` URL or absolute path, and passes when memory a job is shown to be
     * flat. Fails with the report: what leaks and who holds it. With `fast: true` it takes one to two seconds, looks for
     * objects and entries that gather only, and passes when there are none. `.not` passes when a leak is found.
     *
     * Give the test a timeout that a full run fits in, such as 120,000 ms.
     *
     * @example
     * it('stays flat', { timeout: 120_000 }, async () => {
     *   await expect(new URL('./app.ts', import.meta.url)).toStayFlat({ jobs: 10_000 })
     * })
     */
    toStayFlat(options?: StayFlatOptions): Promise<void>
  }
}

expect.extend({ toStayFlat })
