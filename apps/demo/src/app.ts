import { type App, type AppOptions, createApp } from '@isobar/core'
import { bounce } from './plugins/bounce.ts'
import { incoming } from './plugins/incoming.ts'
import type { MailOptions } from './plugins/options.ts'
import { sending } from './plugins/sending.ts'

/** The e-mail platform's handlers. Every entry point brings its own store, database and mailer: see `resources.ts`. */
export function createMailApp(options: MailOptions & AppOptions = {}): App {
  return createApp(options).use(incoming(options)).use(sending(options)).use(bounce(options))
}

export default createMailApp()
