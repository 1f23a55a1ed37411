// A process over one WebSocket: the first byte of every message says which of its streams the rest belongs to
// (k8s.io/apimachinery/pkg/util/remotecommand and k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go).
import type { RawData, WebSocket } from 'ws'
import type { RemoteProcess } from '../../../shared/operation.ts'
import type { Wanted } from './remote.ts'

/** v5 adds closing a single stream, so that the end of the input can be told. In order of preference. */
export const PROTOCOLS: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4
const CLOSE = 255

const NORMAL_CLOSURE = 1000
const PING_EVERY_MS = 30_000
const EMPTY = Buffer.alloc(0)

interface Timers {
  after(ms: number, run: () => void): { cancel(): void }
}

/** Joins the two until the process ends or the client goes; then neither is left. */
export async function serveChannels(
  socket: WebSocket,
  remote: RemoteProcess,
  wanted: Wanted,
  clock: Timers,
): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    if (socket.readyState === socket.CLOSED) resolve()
    else socket.once('close', () => resolve())
  })
  void gone.then(() => remote.close())
  socket.on('message', (data, isBinary) => hear(socket, remote, wanted, data, isBinary))
  if (socket.isPaused) socket.resume()
  const beat = keepAlive(socket, clock)
  try {
    // An empty message tells the client that everything stands (streaming/remotecommand/websocket.go).
    await send(socket, wanted.stdout ? STDOUT : wanted.stderr ? STDERR : ERROR, EMPTY)
    const outputs = [
      pass(socket, wanted.stdout ? STDOUT : undefined, remote.stdout),
      pass(socket, wanted.stderr ? STDERR : undefined, remote.stderr),
    ]
    const code = await Promise.race([remote.ended, gone])
    await Promise.race([Promise.all(outputs), gone])
    if (code !== undefined) await finish(socket, exitStatus(code))
  } finally {
    beat.stop()
  }
}

/** Tells how it ended, as a Status, and closes. */
export async function finish(socket: WebSocket, status: object): Promise<void> {
  await send(socket, ERROR, Buffer.from(JSON.stringify(status)))
  // The client's own goodbye must be heard.
  if (socket.isPaused) socket.resume()
  socket.close(NORMAL_CLOSURE)
}

/** What is known of a process's end, as a Status (remotecommand.go: ExecInContainer). */
function exitStatus(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

/** Sends all of an output; what nobody asked for is read and dropped. */
async function pass(
  socket: WebSocket,
  channel: number | undefined,
  output: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const piece of output) if (channel !== undefined) await send(socket, channel, piece)
  } catch {
    // The client is gone, and the output was closed for that.
  }
}

function send(socket: WebSocket, channel: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    socket.send(Buffer.concat([Buffer.of(channel), bytes]), () => resolve())
  })
}

function hear(
  socket: WebSocket,
  remote: RemoteProcess,
  { stdin, tty }: Wanted,
  data: RawData,
  isBinary: boolean,
): void {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
  const [channel] = bytes
  if (!isBinary || channel === undefined) return
  const rest = bytes.subarray(1)
  if (channel === STDIN && stdin && rest.length > 0) {
    socket.pause()
    void remote.write(rest).then(() => socket.resume())
  } else if (channel === RESIZE && tty) {
    const size = sizeOf(rest)
    if (size) remote.resize(size)
  } else if (channel === CLOSE && socket.protocol === PROTOCOLS[0] && rest[0] === STDIN) {
    remote.endInput()
  }
}

const MAX_SIDE = 65_535

/** `{"Width":80,"Height":24}` (client-go remotecommand.TerminalSize); undefined when it is not one. */
function sizeOf(bytes: Buffer): { columns: number; rows: number } | undefined {
  try {
    const size = JSON.parse(bytes.toString('utf8')) as { Width?: unknown; Height?: unknown } | null
    const [columns, rows] = [Number(size?.Width), Number(size?.Height)]
    const fits = [columns, rows].every((side) => Number.isInteger(side) && side > 0)
    return fits
      ? { columns: Math.min(columns, MAX_SIDE), rows: Math.min(rows, MAX_SIDE) }
      : undefined
  } catch {
    return undefined
  }
}

/** Finds out that a client vanished without a word: one that has not answered the last ping is gone. */
function keepAlive(socket: WebSocket, clock: Timers): { stop(): void } {
  let answered = true
  socket.on('pong', () => (answered = true))
  const beat = (): void => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
    timer = clock.after(PING_EVERY_MS, beat)
  }
  let timer = clock.after(PING_EVERY_MS, beat)
  return { stop: () => timer.cancel() }
}
