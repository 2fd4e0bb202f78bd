/** Tests of the core that workerd cannot run, each with the module of Node's that it needs there, and what for. */
export const NOT_IN_WORKERD: Readonly<Record<string, { readonly needs: string; readonly why: string }>> = {
  'src/context.test.ts': {
    needs: 'node:v8',
    why: 'collects garbage when it says so, to see what a kept context holds',
  },
  'src/plugins/recorder.test.ts': { needs: 'node:v8', why: 'collects garbage when it says so, to see what is held' },
}
