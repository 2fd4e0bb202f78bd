import type { Command } from '../command.ts'

/** Brings the tables up to date. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'create the tables, or bring them up to date',
  usage: '',
  parameters: { least: 0, most: 0 },
  options: {},
  async run(invocation) {
    const { from, to } = await invocation.migrate()
    const text =
      from === to ? `the tables are up to date, at version ${to}` : `tables brought from version ${from} to ${to}`
    return { json: { from, to }, text: `${text}\n` }
  },
}
