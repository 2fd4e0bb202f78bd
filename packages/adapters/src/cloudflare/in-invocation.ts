import type { App } from '@isobar/core'
import type { OpenExecutor } from './executor.ts'

/**
 * Runs handlers in the consumer's own isolate. What does I/O lives as long as the invocation: the platform ties it to
 * that.
 */
export function inInvocation<Env>(app: App<Env>): OpenExecutor<Env> {
  return ({ env }) => {
    const invocation = app.invocation(env)
    return {
      start: (delivery, options) => app.start(delivery, { ...options, env, invocation }),
      end: () => invocation[Symbol.asyncDispose](),
    }
  }
}
