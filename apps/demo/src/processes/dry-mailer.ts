import type { ClosableMailer } from './smtp-mailer.ts'

/** Sends nowhere: takes messages and numbers them, as a server does. For replays, where a socket would be what is measured. */
export function createDryMailer(): ClosableMailer {
  let taken = 0
  return {
    async send() {
      taken++
      const providerId = `dry.${String(taken).padStart(8, '0')}`
      return { providerId, response: `250 OK: queued as ${providerId}` }
    },
    close() {},
  }
}
