// Containers as plain processes of this machine. The only file through which pods come to processes.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { Clock } from '../../machinery/clock.ts'
import { systemClock } from '../../machinery/clock.ts'
import { runBeside } from './exec.ts'
import type { HostPrograms } from './host-programs.ts'
import { findExecutable, findHostPrograms, isExecutable } from './host-programs.ts'
import type { ImageProgram } from './images.ts'
import { commandLine, findProgram } from './images.ts'
import { LeftoverSweeper } from './leftover-sweeper.ts'
import { CLUSTER_VARIABLE } from './leftovers.ts'
import type { LiveLog } from './log-book.ts'
import { LogBook } from './log-book.ts'
import type { LogStream } from './log-line.ts'
import { sendSignal } from './processes.ts'
import type {
  ContainerRuntime,
  ContainerSpec,
  ExecResult,
  ProcessExit,
  RunningContainer,
  Usage,
} from './runtime.ts'
import { usageBySession } from './usage.ts'

/** Marks every process of one container, also those that left its session. */
export const CONTAINER_VARIABLE = 'PODIUM_CONTAINER'

/** After a container's end, how long its output may still be read when something outside its group holds the pipe. */
const LAST_OUTPUT_MS = 200

export interface ProcessRuntimeOptions {
  /** Every process carries it as PODIUM_CLUSTER. */
  clusterId: string
  /** The folder with web.js, loadbot.js, aggregator.js (dist/server). */
  programsDir: string
  host?: HostPrograms
  clock?: Clock
  maxLogFileBytes?: number
}

interface Held {
  container: RunningContainer
  child: ChildProcess
  program: ImageProgram
  env: Record<string, string>
  cwd: string
  ended: Promise<void>
}

/** Starts containers as processes, each the leader of a session and process group of its own. */
export function createProcessRuntime(options: ProcessRuntimeOptions): ContainerRuntime {
  return new ProcessRuntime(options)
}

class ProcessRuntime implements ContainerRuntime {
  readonly version = 'podium://1'
  readonly logs: LogBook
  readonly #options: ProcessRuntimeOptions
  readonly #clock: Clock
  readonly #host: HostPrograms
  readonly #sweeper: LeftoverSweeper
  readonly #held = new Map<string, Held>()
  /** Spawning blocks the event loop for a few milliseconds: one at a time, with a turn for others in between. */
  #spawning: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#host = options.host ?? findHostPrograms()
    this.logs = new LogBook(() => this.#clock.now(), options.maxLogFileBytes)
    this.#sweeper = new LeftoverSweeper(this.#clock)
  }

  findImage(image: string): { imageID: string } | { missing: string } {
    const found = this.#find(image)
    if ('missing' in found) return found
    const digest = createHash('sha256').update(image).update(found.program.entrypoint.join('\0'))
    return { imageID: `podium://${image}@sha256:${digest.digest('hex')}` }
  }

  async start(spec: ContainerSpec, onExit: (exit: ProcessExit) => void): Promise<RunningContainer> {
    const found = this.#find(spec.image)
    if ('missing' in found) throw new Error(found.missing)
    const { program } = found
    const env = this.#environment(spec)
    await writeImageFiles(program, env, spec.scratch)
    const line = commandLine(program, spec, spec.scratch)
    const [file, args] = executable(line, env['PATH']!, spec.cwd)
    const log = this.logs.begin(spec.logPath)
    try {
      const child = await this.#spawnInTurn(file, args, env, spec.cwd)
      return this.#hold(spec, child, program, env, log, onExit)
    } catch (error) {
      await this.logs.end(log)
      throw error
    }
  }

  signal(id: string, how: 'stop' | 'kill'): void {
    const held = this.#held.get(id)
    if (!held) return
    if (how === 'stop') return sendSignal(held.container.pid, held.program.stopSignal)
    sendSignal(-held.container.pid, 'SIGKILL')
    this.#sweeper.sweepSoon(`${CONTAINER_VARIABLE}=${id}`)
  }

  async exec(
    id: string,
    command: readonly string[],
    limits: { timeoutMs: number; maxBytes: number },
  ): Promise<ExecResult> {
    const held = this.#held.get(id)
    if (!held) throw new Error(`container ${id} is not running`)
    const line = held.program.wrapCommand?.(command) ?? command
    const [file, args] = executable(line, held.env['PATH']!, held.cwd)
    const child = await this.#spawnInTurn(file, args, held.env, held.cwd)
    return runBeside(child, limits, this.#clock, held.ended)
  }

  list(): RunningContainer[] {
    return [...this.#held.values()].map(({ container }) => container)
  }

  usage(): Promise<Map<string, Usage>> {
    return usageBySession(new Map(this.list().map(({ id, pid }) => [id, pid])))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#spawning
    const ends = [...this.#held.values()].map(({ ended }) => ended)
    for (const id of this.#held.keys()) this.signal(id, 'kill')
    await Promise.all(ends)
    await this.#sweeper.close()
  }

  #find(image: string): { program: ImageProgram } | { missing: string } {
    return findProgram(image, { programsDir: this.#options.programsDir, host: this.#host })
  }

  /** What the machine adds to what the pod asks for; nothing else of our own environment reaches a pod. */
  #environment(spec: ContainerSpec): Record<string, string> {
    const folders = [path.dirname(process.execPath), process.env['PATH'] ?? '/usr/bin:/bin']
    return {
      PATH: folders.join(':'),
      HOME: spec.cwd,
      LANG: 'C.UTF-8',
      ...spec.env,
      [CLUSTER_VARIABLE]: this.#options.clusterId,
      [CONTAINER_VARIABLE]: spec.id,
    }
  }

  #spawnInTurn(
    file: string,
    args: readonly string[],
    env: Record<string, string>,
    cwd: string,
  ): Promise<ChildProcess> {
    const turn = this.#spawning.then(async () => {
      if (this.#closed) throw new Error('the runtime is closing')
      const child = spawn(file, args, {
        cwd,
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
      return child
    })
    this.#spawning = turn.then(nextTurn, nextTurn)
    return turn
  }

  #hold(
    spec: ContainerSpec,
    child: ChildProcess,
    program: ImageProgram,
    env: Record<string, string>,
    log: LiveLog,
    onExit: (exit: ProcessExit) => void,
  ): RunningContainer {
    const container = { id: spec.id, image: spec.image, pid: child.pid! }
    if (program.niceness > 0) lowerPriority(container.pid, program.niceness)
    // An error after the start (a failed kill) changes nothing: the exit is what counts.
    child.on('error', () => undefined)
    pipeTo(log, 'stdout', child.stdout!)
    pipeTo(log, 'stderr', child.stderr!)
    const ended = this.#endOf(child, container.pid, spec.id).then(async (exit) => {
      await this.logs.end(log)
      this.#held.delete(spec.id)
      onExit(exit)
    })
    this.#held.set(spec.id, { container, child, program, env, cwd: spec.cwd, ended })
    return container
  }

  /** As in a container: when the first process ends, the rest is killed. */
  async #endOf(child: ChildProcess, pid: number, id: string): Promise<ProcessExit> {
    const outputDone = new Promise<void>((resolve) => {
      child.once('close', () => resolve())
    })
    const exit = await exitOf(child)
    sendSignal(-pid, 'SIGKILL')
    this.#sweeper.sweepSoon(`${CONTAINER_VARIABLE}=${id}`)
    await Promise.race([
      outputDone,
      new Promise<void>((resolve) => {
        this.#clock.after(LAST_OUTPUT_MS, resolve)
      }),
    ])
    child.stdout?.destroy()
    child.stderr?.destroy()
    return exit
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  const answer = (code: number | null, signal: NodeJS.Signals | null): ProcessExit => ({
    exitCode: code ?? 128 + (signal ? (os.constants.signals[signal] ?? 0) : 0),
  })
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve(answer(child.exitCode, child.signalCode))
  }
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(answer(code, signal)))
  })
}

function pipeTo(log: LiveLog, name: LogStream, stream: Readable): void {
  stream.on('data', (chunk: Buffer) => {
    const full = log.write(name, chunk)
    if (!full) return
    stream.pause()
    void full.then(() => stream.resume())
  })
  stream.on('error', () => undefined)
}

async function writeImageFiles(
  program: ImageProgram,
  env: Readonly<Record<string, string>>,
  scratch: string,
): Promise<void> {
  if (!program.files) return
  await mkdir(scratch, { recursive: true })
  for (const [name, text] of Object.entries(program.files(env, scratch))) {
    await writeFile(path.join(scratch, name), text)
  }
}

/** Finds the program to run. The error texts are those of runc, which people know from Kubernetes. */
function executable(
  line: readonly string[],
  searchPath: string,
  cwd: string,
): [string, readonly string[]] {
  const [name, ...args] = line
  if (name === undefined || name === '') throw new Error('no command specified')
  if (!name.includes('/')) {
    const file = findExecutable(name, searchPath.split(':'))
    if (file) return [file, args]
    throw new Error(`exec: "${name}": executable file not found in $PATH`)
  }
  const file = path.resolve(cwd, name)
  if (isExecutable(file)) return [file, args]
  throw new Error(`exec: "${name}": no such file or directory, or not executable`)
}

function lowerPriority(pid: number, niceness: number): void {
  try {
    os.setPriority(pid, niceness)
  } catch {
    // It has ended already, or the system forbids it; it runs all the same.
  }
}
