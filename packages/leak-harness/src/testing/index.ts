export type {
  EngineMode,
  ObservedProcess,
  Reading,
  ReplayProcess,
  RuntimeDriver,
  StartOptions,
} from '../runtimes/driver.ts'
export { driverOf } from '../runtimes/drivers.ts'
export { type RuntimeCase, runtimeCases } from './runtime-cases.ts'
