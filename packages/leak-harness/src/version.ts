/** The version of this package, as package.json has it: a file to read is not there where modules come over the network. */
export const VERSION: string = '0.0.0'
