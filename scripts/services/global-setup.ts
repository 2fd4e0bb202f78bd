import type { TestProject } from 'vitest/node'
import { openServices } from '../services.ts'
import { openDesk } from './desk.ts'

/** Opens the desk at which tests ask for services, and ends afterwards what was started. Nothing is until asked for. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const services = openServices()
  const desk = await openDesk(services)
  project.provide('services', desk.address)
  return async () => {
    await desk[Symbol.asyncDispose]()
    await services[Symbol.asyncDispose]()
  }
}
