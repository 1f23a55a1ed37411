// exec over HTTPS: what crosses the WebSocket, and what is answered instead of one.
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { ExecRequest, RemoteProcess, TerminalSize } from '../../shared/operation.ts'
import { internal } from '../../shared/status.ts'
import { ADMIN, serveHarness, startApi, type Harness, type Served } from './harness.ts'

/** Says everything back until its input ends, then ends with code 3. */
class Echo implements RemoteProcess {
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly sizes: TerminalSize[] = []
  closed = false
  readonly ended: Promise<number>
  #end: (code: number) => void = () => undefined
  readonly request: ExecRequest
  constructor(request: ExecRequest) {
    this.request = request
    this.ended = new Promise((resolve) => (this.#end = resolve))
    this.stderr.end(request.command.join(' '))
  }
  write(bytes: Uint8Array): Promise<void> {
    this.stdout.write(bytes)
    return Promise.resolve()
  }
  endInput(): void {
    this.stdout.end()
    this.#end(3)
  }
  resize(size: TerminalSize): void {
    this.sizes.push(size)
  }
  close(): void {
    this.closed = true
    this.stdout.destroy()
    this.stderr.destroy()
  }
}

let harness: Harness
let served: Served
let started: Echo[] = []

beforeAll(async () => {
  harness = await startApi({
    nodeDoor: () => ({
      async *logs() {},
      async exec(request) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        if (request.container === 'ended') throw internal('container not found ("ended")')
        const echo = new Echo(request)
        started.push(echo)
        return echo
      },
      attach: () => Promise.reject(new Error('not asked for')),
    }),
  })
  served = await serveHarness(harness)
  const names = ['a', 'ended']
  const spec = { containers: names.map((name) => ({ name, image: 'busybox' })) }
  const pod: Pod = { metadata: { name: 'p' }, spec }
  await harness.api.create(ADMIN, pods, 'default', pod, {})
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'node-1' } }
  await harness.api.create(ADMIN, pods, 'default', binding, { subresource: 'binding' })
})
afterAll(() => served.close())

const PATH = '/api/v1/namespaces/default/pods/p/exec'

function connect(query: string, protocol = 'v5.channel.k8s.io'): WebSocket {
  started = []
  return new WebSocket(`wss://127.0.0.1:${served.port}${PATH}?${query}`, [protocol], {
    ca: served.authority.caPem,
    headers: { authorization: `Bearer ${served.authority.adminToken}` },
  })
}

/** Everything that comes, by channel, until the server closes. */
async function whole(socket: WebSocket): Promise<Record<number, string>> {
  const heard: Record<number, string> = {}
  socket.on('message', (data: Buffer) => {
    heard[data[0]!] = (heard[data[0]!] ?? '') + data.subarray(1).toString()
  })
  await new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject))
  return heard
}

test('streams cross both ways, input said too early waits, and the exit code comes back', async () => {
  const socket = connect('container=a&command=x&command=y&stdin=1&stdout=1&stderr=true')
  socket.once('open', () => {
    socket.send(Buffer.from('\0hello'))
    socket.send(Buffer.of(255, 0))
  })
  const heard = await whole(socket)
  expect(heard).toMatchObject({ 1: 'hello', 2: 'x y' })
  expect(JSON.parse(heard[3]!)).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  })
})

test('a terminal is resized, has one output, and ends with its client', async () => {
  const socket = connect('container=a&command=sh&stdin=1&stdout=1&stderr=1&tty=1')
  await new Promise((resolve) => socket.once('message', resolve))
  const [echo] = started
  expect(echo?.request).toMatchObject({ tty: true, stdin: true, command: ['sh'] })
  socket.send(Buffer.from('\u0004{"Width":120,"Height":30}'))
  socket.send(Buffer.from('\u0004{"Width":-1}'))
  socket.send(Buffer.from('\u0004nonsense'))
  socket.send(Buffer.from('\0x'))
  await new Promise((resolve) => echo?.stdout.once('data', resolve))
  expect(echo?.sizes).toEqual([{ columns: 120, rows: 30 }])
  socket.terminate()
  await expect.poll(() => echo?.closed).toBe(true)
})

test('a container that does not run is told on the error channel', async () => {
  const heard = await whole(connect('container=ended&command=x&stdout=1', 'v4.channel.k8s.io'))
  expect(JSON.parse(heard[3]!)).toMatchObject({
    message: 'Internal error occurred: container not found ("ended")',
    code: 500,
  })
})

test('what is wrong with the question is answered in HTTP', async () => {
  const upgrade = (to: string) => ({
    headers: { connection: 'Upgrade', upgrade: to },
    method: 'POST',
  })
  const message = async (query: string, ask = {}) =>
    (await served.ask(`${PATH}?${query}`, ask)).json?.['message']
  expect(await message('command=x&stdout=1', upgrade('SPDY/3.1'))).toBe(
    'a container name must be specified for pod p, choose one of: [a ended]',
  )
  expect(await message('container=z&command=x&stdout=1', upgrade('SPDY/3.1'))).toBe(
    'container z is not valid for pod p',
  )
  expect(await message('container=a&command=x&stdout=1', upgrade('SPDY/3.1'))).toContain(
    'SPDY/3.1 is not served by Podium; use a WebSocket',
  )
  expect(await message('container=a&command=x', upgrade('websocket'))).toContain(
    'you must specify at least 1 of stdin, stdout, stderr',
  )
  expect(await message('container=a&stdout=1', upgrade('websocket'))).toContain('command')
  expect(await message('container=a&command=x&stdout=1')).toBe('Upgrade request required')
  expect(started).toEqual([])
})
