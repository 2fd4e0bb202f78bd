import { OptionError, type Priority } from '@isobar/core'

/** BullMQ's number for each priority: 0 comes before all others, then the smaller before the larger. */
export type Priorities = Readonly<Record<Priority, number>>

/** The numbers by default. A job of BullMQ that has no priority has 0. */
export const DEFAULT_PRIORITIES: Priorities = { high: 0, normal: 1_024, low: 2_048 }

/** BullMQ's largest number. */
const MAX_PRIORITY = 2_097_152

/**
 * The class in whose rank a job of BullMQ stands: one with a number between two classes has the more urgent one's.
 */
export function toPriority(value: number, { normal, low }: Priorities): Priority {
  if (value < normal) return 'high'
  return value < low ? 'normal' : 'low'
}

/** @throws {OptionError} for numbers that BullMQ does not take, or that do not rise. */
export function checkPriorities(priorities: Priorities): Priorities {
  const { high, normal, low } = priorities
  const fits = [high, normal, low].every((value) => Number.isInteger(value) && value >= 0 && value <= MAX_PRIORITY)
  if (fits && high < normal && normal < low) return { high, normal, low }
  throw new OptionError(
    `priorities ${high}, ${normal}, ${low} must be whole numbers from 0 to ${MAX_PRIORITY}, high below normal below low`,
  )
}
