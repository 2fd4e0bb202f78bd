import { definePlugin, type Plugin } from '@isobar/core'
import { leakSwitch } from '../leak-switch.ts'

/** Bytes that are kept of each job, about. */
export const LEAKED_BYTES: number = 384 * 1024

/** Bytes of a number in an array. */
const NUMBER_BYTES = 8

/** What nobody will ask for again. In a module, as leaks are found in the wild: it outlives every job of its isolate. */
const kept: { readonly id: string; readonly copy: readonly number[] }[] = []

/** Jobs that something is kept of, in this isolate. */
export function keptJobs(): number {
  return kept.length
}

/**
 * The usual leak, to see it found: while the switch is on, something is kept of every job that a plugin has done, "to
 * look it up later". Sentinel and harness name the plugin's job type; the governor replaces isolates.
 */
export function leaky(plugin: Plugin): Plugin {
  return definePlugin({
    name: `leaky-${plugin.name}`,
    needs: [leakSwitch],
    setup(app) {
      app.use(async (ctx, next) => {
        const result = await next()
        if ((await ctx.use(leakSwitch)).isOn)
          kept.push({ id: ctx.job.id, copy: Array.from({ length: LEAKED_BYTES / NUMBER_BYTES }, (_, at) => at) })
        return result
      })
      app.use(plugin)
    },
  })
}
