import type { Broker } from '@isobar/core'
import { Refusal } from './refusal.ts'

/** An ability that the API asks for, and what it is good for. */
const ABILITIES = {
  deadLetter: 'list, redrive and discard dead letters',
  lookup: 'look up and cancel jobs',
  pause: 'pause queues',
  stats: 'tell the depth and age of queues',
} as const

/** @throws {Refusal} when a broker cannot do what is asked of it. */
export function assertCan({ name, can }: Broker, ability: 'deadLetter' | 'lookup' | 'pause' | 'stats'): void {
  if (!can[ability]) throw new Refusal(501, 'UNSUPPORTED', `broker ${name} cannot ${ABILITIES[ability]}`)
}
