export { bundleSlot, type SlotBundleOptions } from './bundle-slot.ts'
