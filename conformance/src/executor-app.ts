// The app of the conformance suite of executors, as a module that isolates load.
import type { App } from '@isobar/core'
import { createExecutorApp } from '@isobar/core/testing'

const app: App = createExecutorApp()

export default app
