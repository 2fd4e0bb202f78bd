import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of tests that take longest, by how their paths end, the longest first: much of it is waiting. */
const LONGEST: readonly string[] = [
  ...['leak-harness/test/zoo.test.ts', 'demo/src/leak.test.ts', 'demo/src/resume.test.ts', 'demo/src/runtimes.test.ts'],
  ...['leak-harness/test/workerd.test.ts', 'conformance/test/matrix.test.ts', 'test/isolates-deno-bun.test.ts'],
  ...['postgres/embedded.test.ts', 'leak-harness/test/runtimes.test.ts', 'test/verdicts.test.ts', 'test/chaos.test.ts'],
  ...[
    'src/postgres/conformance.test.ts',
    'isolates/pool.test.ts',
    'cloudflare/wrangler-dev.test.ts',
    'test/bleed.test.ts',
  ],
  ...['demo/src/served.test.ts', 'leak-harness/test/controls.test.ts', 'engines/redis.test.ts', 'test/leaky.test.ts'],
  ...[
    'everywhere/everywhere.test.ts',
    'test/framework.test.ts',
    'adapters/test/orphans.test.ts',
    'adapters/test/crash.test.ts',
  ],
  ...['test/drain-signals.test.ts', 'adapters/test/outage.test.ts', 'processes/demo.test.ts', 'slots-leak.test.ts'],
]

/** Begins with what takes longest, so that nothing long is left alone at the end while the other processors are idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((end) => moduleId.endsWith(end))
      return at < 0 ? LONGEST.length : at
    }
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => rank(a) - rank(b))
  }
}
