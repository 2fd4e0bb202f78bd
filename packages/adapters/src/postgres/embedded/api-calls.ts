import { pid } from 'node:process'
import type { Admin, Introduction } from './admin.ts'
import { type Params, toPage, toSelection, toSpecs, toText, toTexts } from './api-params.ts'
import { toWire } from './api-wire.ts'
import { VERSION } from './version.ts'

type Call = (admin: Admin, params: Params) => Promise<unknown>

/** Every call that the local API takes, by name. A map, since names come from outside. */
export const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['ping', async ({ name, can }): Promise<Introduction> => ({ version: VERSION, pid, name, can })],
  ['migrate', (admin) => admin.migrate()],
  ['send', (admin, params) => admin.send(toSpecs(params))],
  ['get', (admin, params) => admin.get(toText(params, 'id'))],
  ['cancel', (admin, params) => admin.cancel(toText(params, 'id'))],
  ['queues', (admin) => admin.queues()],
  ['stats', (admin, params) => admin.stats(toTexts(params, 'queues'))],
  ['pause', (admin, params) => admin.pause(toText(params, 'queue'))],
  ['resume', (admin, params) => admin.resume(toText(params, 'queue'))],
  [
    'deadLetters.list',
    async (admin, params) => {
      const page = await admin.deadLetters.list(toPage(params))
      return { ...page, items: page.items.map(toWire) }
    },
  ],
  ['deadLetters.redrive', (admin, params) => admin.deadLetters.redrive(toSelection(params))],
  ['deadLetters.discard', (admin, params) => admin.deadLetters.discard(toSelection(params))],
])
