import type { Group } from '../group.ts'
import { measureSize, SIZE_BUDGETS } from '../sizes.ts'

/** P9: what the imports of users weigh. Nothing varies from round to round, so that there is one. */
export const size: Group = {
  name: 'size',
  targets: ['P9'],
  async run({ row, target }) {
    for (const { name, code, external, limit } of SIZE_BUDGETS) {
      const { minified, gzipped } = await measureSize(code, external)
      row({ name: `${name}, minified`, unit: 'bytes', rounds: [minified] })
      target({ id: 'P9', name: `${name}-gzip-bytes`, is: '<=', limit, rounds: [gzipped] })
    }
  },
}
