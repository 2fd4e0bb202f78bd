import * as adapter from '@isobar/adapters/deno'
import { main } from './processes/main.ts'

await main(adapter)
