import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dialer } from './dial.ts'
import type { Wire, WireEvents } from './link.ts'

const HOST = '127.200.6.1'
const BOT = '127.200.6.2'
const portAfter = (port = 0): number => (port === 60_999 ? 32_768 : port + 1)

let server: Server
let port: number
let sockets: Socket[]

beforeEach(async () => {
  sockets = []
  server = createServer((socket) => sockets.push(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  port = (server.address() as { port: number }).port
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

/** Opens one connection; answers it and what it ended its opening with. */
function open(dial: ReturnType<typeof dialer>): Promise<{ wire: Wire; how: string }> {
  return new Promise((resolve) => {
    const say = (how: string) => queueMicrotask(() => resolve({ wire, how }))
    const events: WireEvents = {
      opened: () => say('opened'),
      data: () => {},
      ended: () => {},
      broken: say,
      closed: () => {},
    }
    const wire = dial(events)
  })
}

it('each connection comes from the next port', async () => {
  const dial = dialer({ host: HOST, port, localAddress: BOT })
  const wires = []
  for (let n = 0; n < 4; n++) wires.push(await open(dial))
  expect(wires.map(({ how }) => how)).toEqual(Array(4).fill('opened'))
  const ports = sockets.map(({ remotePort = 0 }) => remotePort)
  for (let n = 1; n < 4; n++) expect(ports[n]).toBe(portAfter(ports[n - 1]))
  for (const { wire } of wires) wire.destroy()
})

it('a port that is taken is passed over', async () => {
  const dial = dialer({ host: HOST, port, localAddress: BOT })
  const first = await open(dial)
  const next = portAfter(sockets[0]!.remotePort)
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(next, BOT, resolve))
  const second = await open(dial)
  expect(second.how).toBe('opened')
  expect(sockets[1]!.remotePort).toBe(portAfter(next))
  for (const { wire } of [first, second]) wire.destroy()
  taken.close()
})

it('a server that is not there is refused, once', async () => {
  server.close()
  const { how } = await open(dialer({ host: HOST, port, localAddress: BOT }))
  expect(how).toBe('refused')
})
