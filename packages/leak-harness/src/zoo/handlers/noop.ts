export { makeData } from '../make-data.ts'

/** Does nothing. */
export default (): void => {}
