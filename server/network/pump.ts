// Two sockets made one: bytes, half-closes, resets and back-pressure pass through unchanged in both directions.
import type { Socket } from 'node:net'

export interface Pump {
  /**
   * Ends the connection in good order: nothing more is taken from the client, what the server still answers is passed on,
   * then both sides are closed. For when the proxy itself goes away.
   */
  retire(): void
  /** Whether nothing has passed since this was last asked. */
  isQuiet(): boolean
}

/** Connects two open sockets, both with allowHalfOpen. `onEnd` is called once, when both are closed. */
export function pump(client: Socket, server: Socket, onEnd: () => void): Pump {
  let open = 2
  const closed = (): void => {
    if (--open === 0) onEnd()
  }
  let retired = false
  let moved = true
  const mayPass = (from: Socket): boolean => {
    moved = true
    return from === server || !retired
  }
  pass(client, server, closed, mayPass)
  pass(server, client, closed, mayPass)
  return {
    retire() {
      if (retired) return
      retired = true
      // What the client still sends is read and dropped: closing with unread bytes would reset the connection and could
      // take the last answers with it.
      server.end()
      client.resume()
    },
    isQuiet() {
      const quiet = !moved
      moved = false
      return quiet
    },
  }
}

function pass(
  from: Socket,
  to: Socket,
  closed: () => void,
  mayPass: (from: Socket) => boolean,
): void {
  from.on('data', (chunk: Buffer) => {
    if (mayPass(from) && to.writable && !to.write(chunk)) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => {
    if (to.writable) to.end()
  })
  // A reset on one side becomes a reset on the other; 'close' follows.
  from.on('error', () => {
    if (!to.destroyed) to.resetAndDestroy()
  })
  from.on('close', () => {
    if (!to.destroyed && !from.readableEnded) to.destroy()
    closed()
  })
}
