import { definePlugin, type Plugin, Unrecoverable } from '@isobar/core'
import { CsvFileError, readContacts } from '../contacts-csv.ts'
import { importContacts, withBackoff } from '../jobs.ts'
import { type Contact, office, type RejectedRow } from '../office.ts'
import { storage } from '../resources.ts'
import type { MailOptions } from './options.ts'

/** Rows that are written at once. */
export const BATCH = 100

/** Refused rows that are kept of one file; later ones are counted only. */
export const MAX_REJECTED = 1_000

/**
 * Imports a file of contacts as it is read: what is held of it is one batch, however large it is. Refused rows are kept
 * with their reasons. A repeated job writes the same rows once more.
 */
export function contactsImport(options: MailOptions = {}): Plugin {
  return definePlugin({
    name: 'contacts-import',
    needs: [storage, office],
    setup(app) {
      app.on(withBackoff(importContacts, options.backoff), async (ctx) => {
        const { tenant, key } = ctx.data
        const [store, db] = await Promise.all([ctx.use(storage), ctx.use(office)])
        const file = await store.open(key)
        if (!file) throw new Unrecoverable(`tenant ${tenant} wants a file imported that is not in the content store`)

        // By address: one batch must not name a row twice, and the last one counts.
        const batch = new Map<string, Contact>()
        const refused: RejectedRow[] = []
        const counts = { rows: 0, imported: 0, rejected: 0 }
        const flush = async () => {
          ctx.signal.throwIfAborted()
          if (batch.size > 0) await db.saveContacts(tenant, [...batch.values()])
          if (refused.length > 0) await db.saveRejectedRows(ctx.job.id, refused)
          batch.clear()
          refused.length = 0
          ctx.progress({ ...counts })
        }
        try {
          for await (const row of readContacts(file)) {
            counts.rows++
            if ('contact' in row) {
              counts.imported++
              batch.set(row.contact.address, row.contact)
            } else if (++counts.rejected <= MAX_REJECTED) refused.push(row.rejected)
            if (counts.rows % BATCH === 0) await flush()
          }
        } catch (error) {
          if (error instanceof CsvFileError) throw new Unrecoverable(error.message, { cause: error })
          throw error
        }
        await flush()
        return counts
      })
    },
  })
}
