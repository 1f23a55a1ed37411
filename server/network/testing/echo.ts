// Small servers and clients for the proxies' tests.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { systemClock } from '../../machinery/clock.ts'

export interface EchoServer {
  ip: string
  port: number
  /** Connections accepted so far. */
  accepted: () => number
  /** Addresses the connections came from. */
  clients: () => string[]
  close(): Promise<void>
}

/** A server that sends its name, then everything it gets, and closes its side when the client has closed its own. */
export async function startEcho(name: string, ip = '127.0.0.1', port = 0): Promise<EchoServer> {
  const sockets = new Set<Socket>()
  const clients: string[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    clients.push(socket.remoteAddress ?? '')
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.write(`${name}\n`)
    socket.pipe(socket)
  })
  await listen(server, ip, port)
  return {
    ip,
    port: (server.address() as AddressInfo).port,
    accepted: () => clients.length,
    clients: () => clients,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function listen(server: Server, ip: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, ip, () => resolve())
  })
}

/** A port on `ip` that nobody listens on just now. */
export async function freePort(ip: string): Promise<number> {
  const echo = await startEcho('free', ip)
  await echo.close()
  return echo.port
}

/** Connects, sends `text`, half-closes, and answers everything received; or the error's code. */
export function ask(ip: string, port: number, text = ''): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: ip, port, allowHalfOpen: true })
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()))
    socket.on('connect', () => socket.end(text))
  })
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.after(ms, resolve))
}

/** Waits until `holds`, at most ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await holds()) return
    await pause(20)
  }
  throw new Error('it never came true')
}
