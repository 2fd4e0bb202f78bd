import { createReplayedApp } from './replayed-app.ts'

export { makeJob } from './leak.ts'

/** The app with its leak switched on, for a harness to catch. */
export default createReplayedApp({ isOn: true })
