// What isolates load: job types, and the app that does them.
import { createApp, defineJob } from '@isobar/core'

export const render = defineJob<{ readonly page: string }>({ name: 'page.render', queue: 'pages', timeout: '30s' })

const cache: string[] = []

export default createApp().on(render, async (ctx) => {
  // A leak. The isolate that has too much of it is replaced, and no job notices.
  cache.push(ctx.data.page.repeat(10_000))
  return { rendered: ctx.data.page, by: process.pid }
})
