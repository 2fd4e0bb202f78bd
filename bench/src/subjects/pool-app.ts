import { setTimeout as sleep } from 'node:timers/promises'
import { type App, createApp } from '@isobar/core'
import { doWork } from '../drain/work.ts'
import { burn, nothing, wait, work } from '../pool/job-types.ts'
import { Marks } from '../pool/marks.ts'

const marks = new Marks()

/** The app of the benchmarks of isolates, for isolates and for a worker's own process. */
const app: App = createApp()
  .on(work, async (ctx) => {
    const data = ctx.data
    doWork(data)
    marks.add(data.n)
  })
  .on(nothing, async (ctx) => {
    marks.add(ctx.data.n)
  })
  .on(burn, async (ctx) => {
    const data = ctx.data
    for (let i = 0; i < data.times; i++) doWork(data)
    marks.add(data.n)
  })
  .on(wait, async (ctx) => {
    const { n, ms } = ctx.data
    await sleep(ms)
    marks.add(n)
  })

export default app
