import { definePlugin, type Plugin } from '@isobar/core'
import { toDigest } from '../digest.ts'
import { renderInvoicePdf, toTotalCents } from '../invoice-pdf.ts'
import { renderInvoice, withBackoff } from '../jobs.ts'
import { clock, storage } from '../resources.ts'
import { RETENTION_MS } from './incoming.ts'
import type { MailOptions } from './options.ts'

/** Renders invoices and stores them by tenant and month: a repeated job puts the same bytes in the same place. */
export function invoices(options: MailOptions = {}): Plugin {
  return definePlugin({
    name: 'invoices',
    needs: [storage, clock],
    setup(app) {
      app.on(withBackoff(renderInvoice, options.backoff), async (ctx) => {
        const { tenant, month, lines } = ctx.data
        const [store, { now }] = await Promise.all([ctx.use(storage), ctx.use(clock)])
        const pdf = await renderInvoicePdf({ tenant, month, lines })
        const key = `invoices/${tenant}/${month}.pdf`
        await store.put(key, pdf, {
          contentType: 'application/pdf',
          expiresAt: now() + RETENTION_MS,
          signal: ctx.signal,
        })
        return { key, bytes: pdf.byteLength, totalCents: toTotalCents(lines), sha256: await toDigest(pdf) }
      })
    },
  })
}
