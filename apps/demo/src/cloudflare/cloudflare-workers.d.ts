// What is used of the platform's module. Its own types come as globals, which do not go together with Node's.
declare module 'cloudflare:workers' {
  export const env: unknown
}
