import type * as node from '@isobar/adapters/node'

/** What the demo uses of a runtime's adapter: `@isobar/adapters/node`, `/deno` or `/bun`. */
export type Adapter = Pick<typeof node, 'readMemory' | 'serve'>
