export * from '../processes/entry.ts'
