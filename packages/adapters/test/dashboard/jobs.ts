import { defineJob } from '@isobar/core'

/** A job that leaves nothing behind. */
export const send = defineJob<{ readonly to: string }>({ name: 'email.send', queue: 'sending' })

/** A job that leaves 60 KB behind where it is told to. */
export const csv = defineJob<{ readonly leaks: boolean }>({ name: 'csv.import', queue: 'sending' })

/** A job that fails for good, until what it needs is mended: there is a file `mended` in the folder `DASHBOARD_FOLDER`. */
export const invoice = defineJob<{ readonly order: number }>({ name: 'invoice.pdf', queue: 'documents' })
