export { putStream } from './put-stream.ts'
