// Starts processes without holding up the event loop: a small process of its own does it and tells how they end.
import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { Writable } from 'node:stream'
import type { TerminalSize } from '../../../shared/operation.ts'
import { sendSignal } from './processes.ts'
import type {
  ResizeOrder,
  SpawnOrder,
  SpawnReport,
  SpawnRequest,
  StreamName,
} from './spawn-messages.ts'
import { streamsOf } from './spawn-messages.ts'

/** A process that leads a session and process group of its own. */
export interface SpawnedProcess {
  pid: number
  /** Paused until resumed. */
  stdout: Readable
  /** Paused until resumed; of a process on a terminal it is empty. */
  stderr: Readable
  /** Only of a process that was asked to have it. */
  stdin: Writable | undefined
  /** Changes the size of its terminal, if it has one. */
  resize(size: TerminalSize): void
  /** Its exit code; 128 + n after signal n. */
  ended: Promise<number>
}

export interface Spawner {
  /** @throws Error when the program cannot be started. */
  spawn(request: SpawnRequest): Promise<SpawnedProcess>
  /** Ends the spawner, not what it has started. */
  close(): Promise<void>
}

/** Resolves when a process's output has ended. Output without a byte may have ended before anybody listened. */
export function endOfOutput(stream: Readable): Promise<void> {
  if (stream.closed) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('close', resolve)
  })
}

/** @param programsDir the folder with spawner.js (dist/server) */
export function createSpawner(programsDir: string): Spawner {
  return new ProcessSpawner(programsDir)
}

/** Exit code of processes whose spawner was killed: nobody can know how they would have ended. */
const UNKNOWN_END = 255

/** One process from its order to its end. */
class Birth {
  readonly born: Promise<SpawnedProcess>
  pid: number | undefined
  readonly #awaited: readonly StreamName[]
  readonly #resize: (size: TerminalSize) => void
  readonly #streams = new Map<StreamName, net.Socket>()
  #over = false
  #resolve: (spawned: SpawnedProcess) => void = () => undefined
  #end: (code: number) => void = () => undefined
  readonly #ended: Promise<number>
  fail: (error: Error) => void = () => undefined

  constructor(awaited: readonly StreamName[], resize: (size: TerminalSize) => void) {
    this.#awaited = awaited
    this.#resize = resize
    this.born = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.fail = reject
    })
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  stream(name: StreamName, stream: net.Socket): void {
    this.#streams.set(name, stream)
    this.#complete()
  }

  started(pid: number): void {
    this.pid = pid
    this.#complete()
  }

  ended(code: number): void {
    this.#over = true
    this.#end(code)
  }

  /** Nothing more will be heard of it. Its end may be told before its streams have been connected. */
  get done(): boolean {
    return this.#over && this.#connected
  }

  get #connected(): boolean {
    return this.#streams.size === this.#awaited.length
  }

  #complete(): void {
    if (!this.#connected || this.pid === undefined) return
    this.#resolve({
      pid: this.pid,
      stdout: this.#streams.get('stdout') ?? nothing(),
      stderr: this.#streams.get('stderr') ?? nothing(),
      stdin: this.#streams.get('stdin'),
      resize: this.#resize,
      ended: this.#ended,
    })
  }
}

/** A stream that has ended without a byte. */
function nothing(): Readable {
  return Readable.from([])
}

interface Helper {
  child: ChildProcess
  births: Map<number, Birth>
}

class ProcessSpawner implements Spawner {
  readonly #programsDir: string
  #socket: Promise<{ path: string; close: () => void }> | undefined
  #helper: Helper | undefined
  #lastId = 0
  #closed = false

  constructor(programsDir: string) {
    this.#programsDir = programsDir
  }

  async spawn(request: SpawnRequest): Promise<SpawnedProcess> {
    this.#socket ??= this.#listen()
    const { path: socketPath } = await this.#socket
    if (this.#closed) throw new Error('the runtime is closing')
    const helper = (this.#helper ??= this.#startHelper())
    const id = ++this.#lastId
    const birth = new Birth(streamsOf(request), (resize) => {
      const order: ResizeOrder = { id, resize }
      if (helper.child.connected) helper.child.send(order, () => undefined)
    })
    helper.births.set(id, birth)
    const order: SpawnOrder = { ...request, id, socketPath }
    helper.child.send(order, (error) => {
      if (error) birth.fail(error)
    })
    return birth.born
  }

  async close(): Promise<void> {
    this.#closed = true
    const { child } = this.#helper ?? {}
    if (child?.connected) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await gone
    }
    const socket = await this.#socket
    socket?.close()
  }

  #startHelper(): Helper {
    const child = fork(path.join(this.#programsDir, 'spawner.js'), {
      detached: true,
      stdio: 'ignore',
      env: {},
      execArgv: ['--max-old-space-size=64', '--v8-pool-size=1'],
    })
    const helper: Helper = { child, births: new Map() }
    child.on('message', (message: SpawnReport) => hear(helper, message))
    const lost = (): void => this.#lose(helper)
    child.once('error', lost)
    child.once('exit', lost)
    child.unref()
    child.channel?.unref()
    return helper
  }

  /** The spawner died: what it started can no longer be watched, so it must not go on. The next order starts another. */
  #lose(helper: Helper): void {
    if (this.#helper === helper) this.#helper = undefined
    for (const birth of helper.births.values()) {
      if (birth.pid === undefined) birth.fail(new Error('the spawner ended'))
      else sendSignal(-birth.pid, 'SIGKILL')
      birth.ended(UNKNOWN_END)
    }
    helper.births.clear()
  }

  async #listen(): Promise<{ path: string; close: () => void }> {
    // An address without a file, so that nothing stays behind; its name is known to nobody else.
    const address = `\0podium-${randomUUID()}`
    const server = net.createServer((socket) => this.#take(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address, resolve)
    })
    server.unref()
    return { path: address, close: () => server.close() }
  }

  /** The first line says whose stream this is; the rest is output. */
  #take(socket: net.Socket): void {
    socket.on('error', () => undefined)
    socket.once('data', (chunk: Buffer) => {
      socket.pause()
      const end = chunk.indexOf('\n')
      const [id, name] = chunk.toString('latin1', 0, end).split(' ')
      const births = this.#helper?.births
      const birth = births?.get(Number(id))
      if (end < 0 || !birth) return socket.destroy()
      // Of an input nothing is read but its end.
      if (name === 'stdin') socket.resume()
      if (end + 1 < chunk.length) socket.unshift(chunk.subarray(end + 1))
      birth.stream(name as StreamName, socket)
      if (birth.done) births?.delete(Number(id))
    })
  }
}

function hear({ births }: Helper, message: SpawnReport): void {
  const birth = births.get(message.id)
  if (!birth) return
  if ('pid' in message) return birth.started(message.pid)
  if ('error' in message) {
    births.delete(message.id)
    return birth.fail(new Error(message.error))
  }
  const { code, signal } = message
  birth.ended(code ?? 128 + (signal ? (os.constants.signals[signal] ?? 0) : 0))
  if (birth.done) births.delete(message.id)
}
