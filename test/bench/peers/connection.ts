// As much of Postgres' protocol (version 3) as a benchmark needs: one connection over a Unix socket that trusts whoever
// reaches it, simple queries, texts as answers. psql would print them for people, and no HTTP server could stand on it.
import { connect } from 'node:net'

export type Connection = {
  /** The first column of the last row that the statements gave. Throws what the server says. */
  ask(sql: string): Promise<string>
  close(): void
}

const VERSION = 3 << 16

export async function openConnection(path: string, user: string): Promise<Connection> {
  const socket = connect(path)
  let unread: Buffer = Buffer.alloc(0)
  let answer = ''
  let fault: Error | undefined
  let waiting: PromiseWithResolvers<string> | undefined
  const send = (message: Buffer): Promise<string> => {
    waiting = withResolvers()
    answer = ''
    fault = undefined
    socket.write(message)
    return waiting.promise
  }
  const hear = (kind: string, body: Buffer) => {
    if (kind === 'D' && body.readInt16BE(0) > 0) answer = body.toString('utf8', 6)
    if (kind === 'E') fault = new Error(body.toString('utf8').split('\0').join(' '))
    if (kind !== 'Z') return
    if (fault) waiting?.reject(fault)
    else waiting?.resolve(answer)
  }
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk])
    while (unread.length >= 5 && unread.length > unread.readInt32BE(1)) {
      const end = unread.readInt32BE(1) + 1
      hear(unread.toString('latin1', 0, 1), unread.subarray(5, end))
      unread = unread.subarray(end)
    }
  })
  socket.on('error', (error) => waiting?.reject(error))
  await send(
    framed('', Buffer.concat([int32(VERSION), texts('user', user, 'database', 'postgres', '')])),
  )
  return {
    ask: (sql) => send(framed('Q', texts(sql))),
    close: () => socket.destroy(),
  }
}

const int32 = (n: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(n)
  return bytes
}
const texts = (...all: string[]) => Buffer.from(all.map((text) => `${text}\0`).join(''))
const framed = (kind: string, body: Buffer) =>
  Buffer.concat([Buffer.from(kind), int32(body.length + 4), body])

type PromiseWithResolvers<T> = {
  promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

/** Node 20 has no Promise.withResolvers. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
