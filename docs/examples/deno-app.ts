// What isolates load in Deno: they may ask this machine and read HOME, and nothing else.
import { readFile } from 'node:fs/promises'
import { createApp, defineJob } from '@isobar/core'

export const lookAround = defineJob({ name: 'look-around' })

export default createApp().on(lookAround, async () => {
  const home = typeof process.env['HOME']
  const passwords = await readFile('/etc/passwd', 'utf8').catch((error: Error) => error.name)
  return { home, passwords }
})
