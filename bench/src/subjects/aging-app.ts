import { writeFileSync } from 'node:fs'
import { type App, createApp } from '@isobar/core'
import { AgingRecord } from '../aging-record.ts'
import { link } from '../pool/job-types.ts'

/** As much work between two jobs as keeps jobs waiting in the isolate, so that it is the isolate that is timed. */
const TRIPS = 20

const record = new AgingRecord(TRIPS)

/** The relay's handler, for an isolate: what it took is written to the file that `BENCH_AGING` names, when it ends. */
const app: App = createApp().on(link, async (ctx) => {
  ctx.scope.defer(() => {})
  ctx.signal.throwIfAborted()
  const { left } = ctx.data
  if (left > 1) await ctx.enqueue(link, { left: left - 1 })
})
app.hook('settle', () => record.settled())

const file = process.env['BENCH_AGING']
if (file) process.once('exit', () => writeFileSync(file, JSON.stringify(record.toAging())))

export default app
