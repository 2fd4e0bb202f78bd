import { inject } from 'vitest'
import type { ServiceName } from '../services.ts'
import { ServiceError } from './service-error.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the desk that global-setup.ts opens. */
    readonly services: string
  }
}

/**
 * The URL of a service, in a test. The first test to ask may wait for it to start (seconds, and a minute where a package
 * is installed): ask at the top of the file, where no timeout runs.
 * @throws {ServiceError} when it cannot be had, with the command that would mend it.
 */
export async function serviceUrl(name: ServiceName): Promise<string> {
  const desk = inject('services')
  if (!desk) throw new ServiceError('this test needs a service', 'run it with the vitest.config.ts of the repository')
  const answer = await fetch(`${desk}/${name}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}
