import { createApp } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import { beforeEach, expect, test } from 'vitest'
import { importContacts } from '../jobs.ts'
import { type OfficeDatabase, office } from '../office.ts'
import { contactsKey } from '../office-fixtures.ts'
import { createDemoStore, createDemoTables } from '../processes/providers.ts'
import { type ContentStore, storage } from '../resources.ts'
import { BATCH, contactsImport, MAX_REJECTED } from './contacts-import.ts'

let tables: ReturnType<typeof createDemoTables>
let store: ContentStore
beforeEach(() => {
  tables = createDemoTables(3_000)
  store = createDemoStore()
})

function run(key: string, db: OfficeDatabase = tables.office, signal?: AbortSignal) {
  return runJob(
    createApp().use(contactsImport()),
    importContacts,
    { tenant: 'acme', key },
    {
      id: 'import-1',
      ...(signal && { signal }),
      provide: [
        [storage, store],
        [office, db],
      ],
    },
  )
}

async function put(text: string, key = 'imports/own.csv'): Promise<string> {
  await store.put(key, new TextEncoder().encode(text), { contentType: 'text/csv', expiresAt: 0 })
  return key
}

test('rows are written in batches with progress, and refused ones kept with their reasons', async () => {
  const sizes: number[] = []
  const db: OfficeDatabase = Object.assign(Object.create(tables.office), {
    saveContacts(tenant: string, contacts: readonly never[]) {
      sizes.push(contacts.length)
      return tables.office.saveContacts(tenant, contacts)
    },
    saveRejectedRows: (...args: Parameters<OfficeDatabase['saveRejectedRows']>) =>
      tables.office.saveRejectedRows(...args),
  })
  const { outcome, progress } = await run(contactsKey(3), db)
  expect(outcome).toEqual({ kind: 'ack', result: { rows: 240, imported: 216, rejected: 24 } })
  expect(sizes).toEqual([90, 90, 36])
  expect(progress).toEqual([
    { rows: BATCH, imported: 90, rejected: 10 },
    { rows: 2 * BATCH, imported: 180, rejected: 20 },
    { rows: 240, imported: 216, rejected: 24 },
  ])
  expect(await tables.office.contact('acme', 'reader-3-2@recipient.example')).toEqual({
    ...{ address: 'reader-3-2@recipient.example', locale: 'de' },
    name: 'Zoë "2" O\'Neil, Köln',
  })
  const refused = await tables.office.rejectedRows('import-1')
  expect(refused).toHaveLength(24)
  expect(refused[0]).toMatchObject({ line: 5, reason: 'email: Invalid email address' })
})

test('a job that is repeated leaves the same rows', async () => {
  const first = await run(contactsKey(1))
  const before = [tables.office.sizes, await tables.office.rejectedRows('import-1')]
  const second = await run(contactsKey(1))
  expect(second).toEqual(first)
  expect([tables.office.sizes, await tables.office.rejectedRows('import-1')]).toEqual(before)
  expect(tables.office.sizes).toEqual({ contacts: 27, rejected: 3 })
})

test('an address that comes twice is one contact, as it came last', async () => {
  const key = await put('email,name\nann@example.org,Ann\nANN@example.org,Ann B.\n')
  expect((await run(key)).outcome).toMatchObject({ result: { rows: 2, imported: 2 } })
  expect(await tables.office.contact('acme', 'ann@example.org')).toMatchObject({ name: 'Ann B.' })
})

test('of a file of nonsense the first rows are kept, and all are counted', async () => {
  const key = await put(`email,name\n${'x,y\n'.repeat(MAX_REJECTED + 5)}`)
  expect((await run(key)).outcome).toMatchObject({ result: { imported: 0, rejected: MAX_REJECTED + 5 } })
  expect(await tables.office.rejectedRows('import-1')).toHaveLength(MAX_REJECTED)
})

test('a file that is not there, or is no CSV, is given up', async () => {
  expect((await run('imports/none.csv')).outcome).toMatchObject({ kind: 'dead', reason: 'unrecoverable' })
  const { outcome } = await run(await put('email,name\n"a'))
  expect(outcome).toMatchObject({
    kind: 'dead',
    reason: 'unrecoverable',
    error: { message: expect.stringMatching(/CSV/) },
  })
})

test('a table or a store that fails is tried again, and the file is let go', async () => {
  const broken: OfficeDatabase = Object.assign(Object.create(tables.office), {
    saveContacts: () => Promise.reject(new Error('table locked')),
  })
  let canceled = false
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('email,name\na@b.example,Ann\n')),
    cancel() {
      canceled = true
    },
  })
  store.open = async () => endless
  expect((await run('endless', broken)).outcome).toMatchObject({ kind: 'retry', error: { message: 'table locked' } })
  expect(canceled).toBe(true)
  store.open = () => Promise.reject(new Error('store away'))
  expect((await run('any')).outcome).toMatchObject({ kind: 'retry', error: { message: 'store away' } })
})

test('one that is aborted stops at the next batch', async () => {
  const abort = new AbortController()
  const stopping: OfficeDatabase = Object.assign(Object.create(tables.office), {
    async saveContacts() {
      abort.abort(new Error('shutdown'))
    },
    saveRejectedRows: async () => {},
  })
  const { progress } = await run(contactsKey(3), stopping, abort.signal)
  expect(progress).toHaveLength(1)
})
