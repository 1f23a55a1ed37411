// Connections of a loadbot over TCP.
import { randomInt } from 'node:crypto'
import net from 'node:net'
import { clusterLookup } from '../cluster-names.ts'
import type { Breakage, Dial, Wire, WireEvents } from './link.ts'

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

/** What Linux gives out by itself (ip_local_port_range); nothing a pod is asked to listen on lies in it. */
const FIRST_PORT = 32_768
const PORTS = 28_232
/** So many ports in a row may be taken before a connection counts as refused. */
const PORT_TRIES = 16

/**
 * Makes connections to `target`, each from the pod's own address and from the port that was not used for longest: the kernel
 * may remember the Service's choice for a connection whose server was killed, and would lead the next one from the same port
 * there again (see server/network/tracking-zone.ts).
 */
export function dialer(target: Target): Dial {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  const lookup = clusterLookup()
  let turn = randomInt(PORTS)
  const socketTo = (events: WireEvents): net.Socket => {
    const { localAddress, ...to } = target
    const from =
      localAddress === undefined ? {} : { localAddress, localPort: FIRST_PORT + (turn++ % PORTS) }
    return net.connect({
      ...to,
      ...from,
      ...(lookup && { lookup }),
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
  }
  return (events) => dial(() => socketTo(events), events)
}

const isTaken = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'

function dial(connect: () => net.Socket, events: WireEvents): Wire {
  let socket: net.Socket
  let wanted = true
  const begin = (tries: number): void => {
    const attempt = (socket = connect())
    attempt.on('connect', () => events.opened())
    attempt.on('end', () => events.ended())
    attempt.on('error', (error: NodeJS.ErrnoException) => {
      if (isTaken(error) && tries < PORT_TRIES && wanted) begin(tries + 1)
      // Linux answers a write with EPIPE, not ECONNRESET, when the server had closed in good order before it reset
      // (tcp_reset in net/ipv4/tcp_input.c): its end was there to read, only we wrote first.
      else if (error.code === 'EPIPE') events.ended()
      else events.broken(breakageOf(error))
    })
    attempt.on('close', () => {
      if (attempt === socket) events.closed()
    })
    attempt.resume()
  }
  begin(1)
  return {
    send: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    destroy: () => {
      wanted = false
      socket.destroy()
    },
  }
}
