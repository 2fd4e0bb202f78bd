import type { App } from '@isobar/core'
import { createMailApp } from '../app.ts'
import { createMarkedHttp } from '../hook-mark.ts'
import { http } from '../http-client.ts'
import { leakSwitch } from '../leak-switch.ts'
import { office } from '../office.ts'
import { clock, database, mailer, storage } from '../resources.ts'
import { BACKOFF, UNKNOWN_AFTER } from './app-options.ts'
import { createDryMailer } from './dry-mailer.ts'
import { createHookClient } from './hook-client.ts'
import { createDemoStore, createDemoTables } from './providers.ts'
import { createRemoteStore, createRemoteTables, followLeakSwitch, type OfficeAddress } from './remote-office.ts'
import { type ClosableMailer, createSmtpMailer } from './smtp-mailer.ts'

/**
 * What the app is provided from: environment variables, or what `isolates.env` says. What is not named is played in the
 * isolate's own memory, so that the module can be loaded anywhere.
 */
export interface IsolateEnv {
  /** Where the back office is: tables, contents, and whether to leak. */
  readonly DEMO_OFFICE_URL?: string
  readonly DEMO_OFFICE_TOKEN?: string
  /** Where mail goes, on loopback. */
  readonly DEMO_SMTP_PORT?: string
  /** Where the demo's endpoints are, on loopback. */
  readonly DEMO_HOOKS_PORT?: string
}

const app: App<IsolateEnv> = createMailApp({ backoff: BACKOFF, unknownAfter: UNKNOWN_AFTER, canLeak: true })
const own = createDemoTables()

app
  .provide(storage, {
    lifetime: 'isolate',
    create: ({ env }) => toOffice(env, createRemoteStore) ?? createDemoStore(),
  })
  .provide(database, {
    lifetime: 'isolate',
    create: ({ env }) => (toOffice(env, createRemoteTables) ?? own).database,
  })
  .provide(office, { lifetime: 'isolate', create: ({ env }) => (toOffice(env, createRemoteTables) ?? own).office })
  .provide(leakSwitch, {
    lifetime: 'isolate',
    create: ({ env }) => toOffice(env, followLeakSwitch) ?? { isOn: false },
    dispose: (open) => (open as Partial<Disposable>)[Symbol.dispose]?.(),
  })
  .provide(mailer, {
    lifetime: 'isolate',
    create: ({ env: { DEMO_SMTP_PORT: port } }) =>
      port === undefined ? createDryMailer() : createSmtpMailer({ port: Number(port) }),
    dispose: (open) => (open as ClosableMailer).close(),
  })
  .provide(http, {
    lifetime: 'isolate',
    create: ({ env: { DEMO_HOOKS_PORT: port } }) =>
      port === undefined ? createMarkedHttp() : createHookClient(Number(port)),
  })
  .provide(clock, { lifetime: 'isolate', create: () => ({ now: () => Date.now() }) })

export default app

function toOffice<Value>(env: IsolateEnv, create: (address: OfficeAddress) => Value): Value | undefined {
  const { DEMO_OFFICE_URL: url, DEMO_OFFICE_TOKEN: token } = env
  return url === undefined || token === undefined ? undefined : create({ url, token })
}
