import { type App, createApp } from '@isobar/core'
import { leak } from '../pool/job-types.ts'
import { Marks } from '../pool/marks.ts'
import { leakOnce } from './leaks.ts'

// Its process may be killed: what has run is to be known all the same.
const marks = new Marks({ atOnce: true })

/** An app whose handler leaks. */
const app: App = createApp().on(leak, async (ctx) => {
  const data = ctx.data
  await leakOnce(data)
  marks.add(data.n)
})

export default app
