// Tells whether our rules are in force by connecting through some of them: cheaper than asking for the rules, and it
// proves that the kernel follows them.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Clock } from '../machinery/clock.ts'
import type { Route } from './table.ts'

/** No service has these addresses. One leads to a server, one to the same client's server, one is refused. */
const OPEN = '127.255.255.1'
const STICKY = '127.255.255.2'
const CLOSED = '127.255.255.3'
const TIMEOUT_MS = 2000
const CONNECTED = 'a connection'

export interface Canary {
  /** To be programmed like any other. */
  readonly routes: readonly Route[]
  /** Why connections do not follow the routes, or undefined when they do. Uncertain: perhaps only a slow moment. */
  obstacle(clock: Clock): Promise<{ why: string; isCertain: boolean } | undefined>
  close(): void
}

/** Starts the servers behind the canary's routes. */
export async function openCanary(): Promise<Canary> {
  const [behind, shut] = [createServer(welcome), createServer(welcome)]
  const target = { ip: '127.0.0.1', port: await listen(behind, '127.0.0.1') }
  const { port } = target
  // Somebody listens here, so that a connection is refused only as long as a rule refuses it.
  const closedPort = await listen(shut, CLOSED)
  const base = { service: 'canary', protocol: 'TCP' } as const
  return {
    routes: [
      { ...base, key: 'canary:open', addresses: [OPEN], port, targets: [target, target] },
      {
        ...base,
        key: 'canary:sticky',
        addresses: [STICKY],
        port,
        affinitySeconds: 10,
        targets: [target],
      },
      { ...base, key: 'canary:closed', addresses: [CLOSED], port: closedPort, targets: [] },
    ],
    async obstacle(clock) {
      const [open, sticky, closed] = await Promise.all([
        outcome(clock, OPEN, port),
        outcome(clock, STICKY, port),
        outcome(clock, CLOSED, closedPort),
      ])
      for (const led of [open, sticky]) {
        const why = `a connection through a trial rule ended with ${led}`
        if (led !== CONNECTED) return { why, isCertain: led === 'ECONNREFUSED' }
      }
      const why = `a trial rule that refuses connections had one that ended with ${closed}`
      return closed === 'ECONNREFUSED' ? undefined : { why, isCertain: closed === CONNECTED }
    },
    close() {
      behind.close()
      shut.close()
    },
  }
}

/** The client resets its connections: that leaves nothing behind, neither here nor in the kernel's table. */
const welcome = (socket: Socket): void => {
  socket.on('error', () => {})
  socket.resume()
}

function listen(server: Server, address: string): Promise<number> {
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, () => resolve((server.address() as AddressInfo).port))
  })
}

/** CONNECTED, or what it ended with instead. */
function outcome(clock: Clock, host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    const timer = clock.after(TIMEOUT_MS, () => {
      resolve('no answer')
      socket.destroy()
    })
    socket.once('connect', () => {
      resolve(CONNECTED)
      socket.resetAndDestroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('close', () => timer.cancel())
  })
}
