import { createApp, defineJob, definePlugin } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import { expect, test } from 'vitest'
import { leakSwitch } from '../leak-switch.ts'
import { keptJobs, leaky } from './leaky.ts'

const greet = defineJob<{ name: string }>({ name: 'greet' })
const plugin = definePlugin({ name: 'greeting', setup: (app) => app.on(greet, ({ data }) => `hello ${data.name}`) })

test('something is kept of each job while the switch is on, and of none while it is off', async () => {
  const state = { isOn: false }
  const run = () => runJob(createApp().use(leaky(plugin)), greet, { name: 'Ann' }, { provide: [[leakSwitch, state]] })
  expect((await run()).outcome).toEqual({ kind: 'ack', result: 'hello Ann' })
  expect(keptJobs()).toBe(0)
  state.isOn = true
  for (const jobs of [1, 2]) {
    expect((await run()).outcome).toEqual({ kind: 'ack', result: 'hello Ann' })
    expect(keptJobs()).toBe(jobs)
  }
  state.isOn = false
  await run()
  expect(keptJobs()).toBe(2)
})
