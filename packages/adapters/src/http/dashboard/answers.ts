/** What the page knows of the API that it is served beside: the shapes of its answers, and how long its lists get. */
export * from '../contract.ts'
