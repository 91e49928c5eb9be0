// A distance to a server on loopback: what goes there and back takes half of a round trip each way, and no more bytes
// a second than the line carries. Setting up a connection costs nothing, nor does TCP begin slowly: Workers keep theirs.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Distance = {
  readonly port: number
  /** Bytes that came back so far. */
  readonly received: number
  /** May be changed at any time. */
  readonly line: Line
  stop(): void
}

export type Line = {
  /** Milliseconds there and back. */
  roundTripMs: number
  /** Megabits a second in each direction, which all connections share; endless by default. */
  mbits?: number | undefined
}

/** Starts a TCP proxy on a free loopback port; any protocol may pass. */
export async function startDistance(target: number, line: Line): Promise<Distance> {
  const sockets = new Set<Socket>()
  let received = 0
  const [there, back] = [toDelay(line), toDelay(line)]
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    far.on('data', (chunk) => {
      received += chunk.length
    })
    for (const [from, to, delay] of [
      [near, far, there],
      [far, near, back],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      const pass = delay()
      from.on('data', (chunk) => pass(chunk.length, () => to.write(chunk)))
      from.on('end', () => pass(0, () => to.end()))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        pass(0, () => to.destroy())
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    line,
    get received() {
      return received
    },
    stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** One direction of the line -> the queue of a connection on it: what comes first arrives first. */
function toDelay(line: Line) {
  let freeAt = 0
  return () => {
    const queue: { at: number; arrive: () => void }[] = []
    const run = () => {
      while (queue[0] && queue[0].at <= performance.now()) queue.shift()?.arrive()
      wait()
    }
    const wait = () => queue[0] && setTimeout(run, queue[0].at - performance.now())
    return (bytes: number, arrive: () => void) => {
      const { roundTripMs, mbits } = line
      const sendMs = mbits === undefined ? 0 : (bytes * 8) / (mbits * 1000)
      freeAt = Math.max(performance.now(), freeAt) + sendMs
      queue.push({ at: freeAt + roundTripMs / 2, arrive })
      if (queue.length === 1) wait()
    }
  }
}
