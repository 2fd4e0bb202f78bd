import { defineResource, type Resource } from '@isobar/core'

/** Whether the demo leaks at the moment. */
export interface LeakSwitch {
  readonly isOn: boolean
}

/** Whether the demo leaks at the moment. */
export const leakSwitch: Resource<LeakSwitch> = defineResource('leak-switch')
