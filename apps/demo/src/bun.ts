import * as adapter from '@isobar/adapters/bun'
import { main } from './processes/main.ts'

await main(adapter)
