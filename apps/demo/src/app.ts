import { type App, type AppOptions, createApp } from '@isobar/core'
import { analytics } from './plugins/analytics.ts'
import { bounce } from './plugins/bounce.ts'
import { contactsImport } from './plugins/contacts-import.ts'
import { incoming } from './plugins/incoming.ts'
import { invoices } from './plugins/invoices.ts'
import { leaky } from './plugins/leaky.ts'
import type { MailOptions } from './plugins/options.ts'
import { sending } from './plugins/sending.ts'
import { warmUp } from './plugins/warm-up.ts'
import { webhooks } from './plugins/webhooks.ts'

/** What an app can be told. */
export interface MailAppOptions extends MailOptions, AppOptions {
  /** Whether sending can be made to leak, by the resource `leakSwitch`. Default false. */
  readonly canLeak?: boolean
}

/** The e-mail platform's plugins, besides sending. */
const PLUGINS = [incoming, bounce, warmUp, analytics, webhooks, invoices, contactsImport] as const

/** The e-mail platform's handlers. Every entry point brings its own store, database and mailer: see `resources.ts`. */
export function createMailApp({ canLeak = false, ...options }: MailAppOptions = {}): App {
  const app = createApp(options).use(canLeak ? leaky(sending(options)) : sending(options))
  for (const plugin of PLUGINS) app.use(plugin(options))
  return app
}

export default createMailApp()
