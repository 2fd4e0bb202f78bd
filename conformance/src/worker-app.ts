// The app of the conformance suite of workers, as a module that isolates load.
import type { App } from '@isobar/core'
import { createWorkerApp } from '@isobar/core/testing'

const app: App = createWorkerApp()

export default app
