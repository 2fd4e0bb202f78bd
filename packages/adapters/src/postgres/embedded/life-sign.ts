import { type FileHandle, open, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'

/**
 * A Unix socket in a folder that somebody listens on. The kernel stops answering on it in the moment its process dies,
 * however it dies, and answers any process on the same kernel: also one in another container, where pids say nothing.
 */
export interface LifeSign extends AsyncDisposable {}

/** Bytes of a folder's path that leave room for the name of a socket in it. */
const MAX_FOLDER_BYTES = 60

/** Errors of connecting that mean that nobody listens any more. */
const DEAD: readonly unknown[] = ['ECONNREFUSED', 'ENOENT']

/**
 * Listens on a socket in the folder for as long as this process lives, without keeping it alive. Undefined where that
 * cannot be had: off Linux, or on a file system without sockets.
 */
export async function raiseLifeSign(folder: string, name: string): Promise<LifeSign | undefined> {
  const near = await openNear(folder)
  if (!near) return undefined
  const server = createServer((socket) => socket.destroy())
  server.unref()
  // Once it listens, what fails is an accept: whoever looked has then seen that there is somebody.
  server.on('error', () => {})
  try {
    await listen(server, near.path(name))
  } catch {
    return undefined
  } finally {
    await near.close()
  }
  return {
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
      await unlink(join(folder, name)).catch(() => {})
    },
  }
}

/** Whether somebody listens on a life sign; undefined where that cannot be told. */
export async function showsLife(folder: string, name: string): Promise<boolean | undefined> {
  const near = await openNear(folder)
  if (!near) return undefined
  try {
    return await answers(near.path(name))
  } catch {
    // Deno does not let every process ask.
    return undefined
  } finally {
    await near.close()
  }
}

async function answers(path: string): Promise<boolean | undefined> {
  const socket = connect(path)
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(DEAD.includes(code) ? false : undefined))
    })
  } finally {
    socket.destroy()
  }
}

/**
 * The path of a socket may have 107 bytes, and folders have more: those names are reached by way of an open handle of the
 * folder. (Not all: Deno shows a process its own handles only if it may do anything.)
 */
async function openNear(folder: string): Promise<{ path(name: string): string; close(): Promise<void> } | undefined> {
  if (process.platform !== 'linux') return undefined
  if (Buffer.byteLength(folder) <= MAX_FOLDER_BYTES)
    return { path: (name) => join(folder, name), close: async () => {} }
  let handle: FileHandle
  try {
    handle = await open(folder, 'r')
  } catch {
    return undefined
  }
  return { path: (name) => `/proc/self/fd/${handle.fd}/${name}`, close: () => handle.close() }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Exclusive: in a cluster it would else be the primary that listens, and lives on.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
