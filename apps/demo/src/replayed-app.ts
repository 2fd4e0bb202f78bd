import type { App } from '@isobar/core'
import { createMailApp } from './app.ts'
import { createMarkedHttp } from './hook-mark.ts'
import type { LeakSwitch } from './leak-switch.ts'
import { createDryMailer } from './processes/dry-mailer.ts'
import { provideNode } from './processes/providers.ts'

/**
 * Rows and objects that the stores keep: full after a few hundred jobs, so that what grows later is a leak. Well away
 * from a power of two, at which a `Map` whose entries come and go would keep changing its size.
 */
const KEEP = 100

/** The app as it runs on Node, but for sockets: messages are built, and go nowhere. */
export function createReplayedApp(leak: LeakSwitch): App {
  const http = createMarkedHttp()
  return provideNode(createMailApp({ canLeak: true }), { mailer: createDryMailer, http: () => http, keep: KEEP, leak })
}
