// Connections of a loadbot over TCP.
import net from 'node:net'
import type { Breakage, Dial } from './link.ts'

/** One buffer for all connections: what is read from it is consumed before the next read. */
const BUFFER_BYTES = 256 * 1024

export interface Target {
  host: string
  port: number
  /** The pod's own address; undefined lets the system choose. */
  localAddress: string | undefined
}

function breakageOf(error: NodeJS.ErrnoException): Breakage {
  if (error.code === 'ETIMEDOUT') return 'timeout'
  // The connection was made and is gone: ECONNRESET, or another error of an established connection.
  return error.syscall === 'connect' || error.syscall === 'bind' || error.syscall === 'getaddrinfo'
    ? 'refused'
    : 'reset'
}

/** Makes connections to `target`, each from the pod's own address. */
export function dialer({ host, port, localAddress }: Target): Dial {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  return (events) => {
    const socket = net.connect({
      host,
      port,
      ...(localAddress === undefined ? {} : { localAddress }),
      allowHalfOpen: true,
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          events.data(buffer, length)
          return true
        },
      },
    })
    socket.on('connect', () => events.opened())
    socket.on('end', () => events.ended())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Linux answers a write with EPIPE, not ECONNRESET, when the server had closed in good order before it reset
      // (tcp_reset in net/ipv4/tcp_input.c): its end was there to read, only we wrote first.
      if (error.code === 'EPIPE') events.ended()
      else events.broken(breakageOf(error))
    })
    socket.on('close', () => events.closed())
    socket.resume()
    return {
      send: (bytes) => void socket.write(bytes),
      end: () => void socket.end(),
      destroy: () => void socket.destroy(),
    }
  }
}
