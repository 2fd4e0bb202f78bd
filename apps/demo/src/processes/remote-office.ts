import type { LeakSwitch } from '../leak-switch.ts'
import type { OfficeDatabase } from '../office.ts'
import type { ContentStore, MailDatabase, StoredObject } from '../resources.ts'
import { MAIL_CALLS, OFFICE_CALLS } from './back-office.ts'
import type { Tables } from './providers.ts'

/** How often it is asked whether to leak, in ms. */
const LEAK_MS = 1_000

/** Where the back office is, and what proves that one may ask. */
export interface OfficeAddress {
  readonly url: string
  readonly token: string
}

/** The platform's tables, as the back office has them. */
export function createRemoteTables(address: OfficeAddress): Tables {
  return {
    database: toTable<MailDatabase>(address, 'mail', MAIL_CALLS),
    office: toTable<OfficeDatabase>(address, 'office', OFFICE_CALLS),
  }
}

/** The content store, as the back office has it. */
export function createRemoteStore(address: OfficeAddress): ContentStore {
  const pathOf = (key: string) => `objects/${encodeURIComponent(key)}`
  const open = async (key: string) => {
    const answer = await ask(address, pathOf(key), {})
    return answer.status === 404 ? undefined : answer
  }
  return {
    async head(key) {
      const answer = await ask(address, `${pathOf(key)}/head`, {})
      return answer.status === 404 ? undefined : ((await answer.json()) as StoredObject)
    },
    async get(key) {
      const answer = await open(key)
      return answer && new Uint8Array(await answer.arrayBuffer())
    },
    async open(key) {
      // An empty object has no body, but is there.
      const answer = await open(key)
      return answer && (answer.body ?? new Blob([]).stream())
    },
    async put(key, body, { contentType, expiresAt, signal }) {
      const headers = { 'content-type': contentType, 'x-expires-at': String(expiresAt) }
      const init = { method: 'PUT', headers, body, duplex: 'half', ...(signal && { signal }) }
      return (await ask(address, pathOf(key), init as RequestInit)).json() as Promise<StoredObject>
    },
  }
}

/** A switch that follows that of the back office, some moments behind. */
export function followLeakSwitch(address: OfficeAddress): LeakSwitch & Disposable {
  let isOn = false
  const look = async (): Promise<void> => {
    isOn = ((await (await ask(address, 'leak', {})).json()) as LeakSwitch).isOn
  }
  // An office that is away is about to be closed, as is this isolate.
  const timer = setInterval(() => void look().catch(() => {}), LEAK_MS)
  timer.unref()
  void look().catch(() => {})
  return {
    get isOn() {
      return isOn
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

function toTable<Table>(address: OfficeAddress, name: string, calls: readonly (keyof Table & string)[]): Table {
  const call = async (method: string, args: unknown[]): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await ask(address, `${name}/${method}`, { method: 'POST', headers, body: JSON.stringify(args) })
    return answer.status === 204 ? undefined : answer.json()
  }
  const table = calls.map((method) => [method, (...args: unknown[]) => call(method, args)])
  return Object.fromEntries(table) as Table
}

async function ask({ url, token }: OfficeAddress, path: string, init: RequestInit): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/${path}`, { ...init, headers })
  if (answer.ok || answer.status === 404) return answer
  throw new Error(
    `the back office answered ${answer.status} to ${path.split('/', 2).join('/')}: ${await answer.text()}`,
  )
}
