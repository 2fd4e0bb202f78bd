import { MiddlewareError } from './errors.ts'

/** Goes on to the next middleware, and at last to the handler. Answers with the handler's result. */
export type Next = () => Promise<unknown>

/** Does something with a context: a handler, or a whole chain of middleware around one. */
export type Step<Context> = (context: Context) => unknown

/** Wraps what comes after it. What it returns is the job's result: `return next()` keeps the handler's. */
export type Wrapper<Context> = (context: Context, next: Next) => unknown

/**
 * Middleware around a handler, the first outermost, as one function. The chain is built once; a call costs a closure
 * a middleware. `next()` never throws synchronously, and a second call of it rejects.
 */
export function compose<Context>(middleware: readonly Wrapper<Context>[], handler: Step<Context>): Step<Context> {
  return middleware.reduceRight<Step<Context>>((inner, wrapper) => {
    return (context) => {
      let called = false
      return wrapper(context, () => {
        if (called)
          return Promise.reject(
            new MiddlewareError('next() was called twice by a middleware; keep its promise instead'),
          )
        called = true
        try {
          return Promise.resolve(inner(context))
        } catch (error) {
          return Promise.reject(error)
        }
      })
    }
  }, handler)
}
