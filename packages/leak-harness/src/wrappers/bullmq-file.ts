import { fileURLToPath } from 'node:url'

/** Environment variable that tells `bullmq-module` which processor file to load: its absolute path. */
export const PROCESSOR_VARIABLE = 'LEAK_HARNESS_PROCESSOR'

/**
 * What `runHarness` has to be given to judge a BullMQ processor file as it stands.
 * @param file absolute path of the file
 *
 * @example
 * await runHarness({ ...toBullmqRun('/srv/jobs/processor.js'), jobs: 10_000 })
 */
export function toBullmqRun(file: string): { readonly module: string; readonly env: Readonly<Record<string, string>> } {
  // The module has the extension that this file has: sources here, compiled in the package.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return {
    module: fileURLToPath(new URL(`./bullmq-module.${extension}`, import.meta.url)),
    env: { [PROCESSOR_VARIABLE]: file },
  }
}
