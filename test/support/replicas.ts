// libSQL's own replication: a primary, replicas that follow it, and a pipe to each that can be stopped, so that a replica
// goes on answering with what it had.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { freePort, type Sqld, startSqld } from '../../src/cli/sqld.ts'
import { type DatabaseProxy, startProxy } from './proxy.ts'

export type Replicated = {
  readonly primary: Sqld
  readonly replicas: readonly Replica[]
  /** SIGKILL of the primary; `start` is the same server again, whose log begins anew. */
  kill(): Promise<{ start(): Promise<void> }>
  stop(): Promise<void>
}

export type Replica = {
  /** What the Worker asks. */
  readonly proxy: DatabaseProxy
  readonly sqld: Sqld
  /** What comes from the primary: it stands still, or goes on. */
  readonly pipe: Pipe
  /** SIGKILL, and the same server again. */
  restart(): Promise<void>
}

export async function startReplicated(
  directory: string,
  count: number,
  checkpointSeconds: number,
): Promise<Replicated> {
  const grpc = await freePort()
  const more = ['--grpc-listen-addr', `127.0.0.1:${grpc}`]
  let primary = await startSqld(directory, { checkpointSeconds, more })
  const port = Number(new URL(primary.url).port)
  const replicas = await Promise.all(
    Array.from({ length: count }, (_, i) => startReplica(join(directory, `replica-${i}`), grpc)),
  )
  return {
    get primary() {
      return primary
    },
    replicas,
    async kill() {
      await primary.stop('SIGKILL')
      return {
        async start() {
          primary = await startSqld(directory, { port, checkpointSeconds, more })
        },
      }
    },
    async stop() {
      for (const { proxy, sqld, pipe } of replicas) {
        await proxy.stop()
        await sqld.stop('SIGKILL')
        pipe.stop()
      }
      await primary.stop('SIGKILL')
    },
  }
}

async function startReplica(directory: string, grpc: number): Promise<Replica> {
  const pipe = await startPipe(grpc)
  const more = ['--primary-grpc-url', `http://127.0.0.1:${pipe.port}`]
  let sqld = await startSqld(directory, { more })
  const port = Number(new URL(sqld.url).port)
  return {
    proxy: await startProxy(sqld.url),
    get sqld() {
      return sqld
    },
    pipe,
    async restart() {
      await sqld.stop('SIGKILL')
      sqld = await startSqld(directory, { port, more })
    },
  }
}

export type Pipe = { readonly port: number; hold(): void; flow(): void; stop(): void }

async function startPipe(target: number): Promise<Pipe> {
  const sockets = new Set<Socket>()
  let isHeld = false
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => to.write(chunk))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (isHeld) from.pause()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      isHeld = true
      for (const socket of sockets) socket.pause()
    },
    flow() {
      isHeld = false
      for (const socket of sockets) socket.resume()
    },
    stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
