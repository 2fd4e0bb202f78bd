export { IsobarBindings } from './bindings.ts'
export { DEFAULT_SLOT_JOBS, MAX_SLOTS, type SlotOptions, slots } from './slots.ts'
