// DNS over UDP and TCP at one address and port.
import dgram from 'node:dgram'
import net from 'node:net'
import type { Running } from '../../machinery/room.ts'

/** @param room in bytes; undefined over TCP. Answers undefined when nothing is to be said. */
export type Respond = (message: Buffer, over: 'udp' | 'tcp') => Promise<Buffer | undefined>

export interface DnsSockets extends Running {
  readonly port: number
}

const IDLE_MS = 10_000
const LENGTH_BYTES = 2
const MOST_CONNECTIONS = 256

/** Listens. @throws the system's error (EACCES, EADDRINUSE) @param port 0: any free one */
export async function listenDns(
  address: string,
  port: number,
  respond: Respond,
): Promise<DnsSockets> {
  const tcp = net.createServer((socket) => serve(socket, respond))
  tcp.maxConnections = MOST_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject)
    tcp.listen(port, address, resolve)
  })
  const chosen = (tcp.address() as net.AddressInfo).port
  const udp = dgram.createSocket('udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject)
      udp.bind(chosen, address, resolve)
    })
  } catch (error) {
    udp.close()
    tcp.close()
    throw error
  }
  // A client that went away makes no difference to the others.
  udp.removeAllListeners('error').on('error', () => undefined)
  udp.on('message', (message, from) => {
    void respond(message, 'udp').then((answer) => {
      if (answer) udp.send(answer, from.port, from.address, () => undefined)
    })
  })
  tcp.unref()
  udp.unref()
  return {
    port: chosen,
    close: async () => {
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ])
    },
  }
}

/** Each message follows its length (RFC 1035, 4.2.2). */
function serve(socket: net.Socket, respond: Respond): void {
  let held = Buffer.alloc(0)
  let answering = Promise.resolve()
  socket.on('error', () => undefined)
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.unref()
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + held.readUInt16BE(0)
      if (held.length < end) return
      const message = held.subarray(LENGTH_BYTES, end)
      held = held.subarray(end)
      answering = answering.then(async () => {
        const answer = await respond(message, 'tcp')
        if (!answer || socket.destroyed) return
        const length = Buffer.alloc(LENGTH_BYTES)
        length.writeUInt16BE(answer.length)
        socket.write(Buffer.concat([length, answer]))
      })
    }
  })
}
