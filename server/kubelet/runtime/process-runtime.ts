// Containers as plain processes of this machine.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { RemoteProcess } from '../../../shared/operation.ts'
import type { Clock } from '../../machinery/clock.ts'
import { systemClock } from '../../machinery/clock.ts'
import { Attachments } from './attachments.ts'
import type { CpuGroups } from './cpu-groups.ts'
import { NO_WISH, openCpuGroups, withShares } from './cpu-groups.ts'
import { runBeside } from './exec.ts'
import type { HostPrograms } from './host-programs.ts'
import { findHostPrograms, isExecutable } from './host-programs.ts'
import type { ImageProgram } from './images.ts'
import { commandLine, findProgram } from './images.ts'
import { LeftoverSweeper } from './leftover-sweeper.ts'
import { CLUSTER_VARIABLE } from './leftovers.ts'
import type { LiveLog } from './log-book.ts'
import { LogBook } from './log-book.ts'
import type { LogStream } from './log-line.ts'
import type { Command, ContainerFiles } from './own-files.ts'
import { rootOf, whenInside } from './own-files.ts'
import { sendSignal } from './processes.ts'
import type {
  ContainerRuntime,
  ContainerSpec,
  ExecResult,
  ProcessExit,
  RunningContainer,
  Usage,
} from './runtime.ts'
import { CommandError } from './runtime.ts'
import type { SpawnRequest } from './spawn-messages.ts'
import type { SpawnedProcess, Spawner } from './spawner.ts'
import { sessionOf } from './session.ts'
import { createSpawner, endOfOutput } from './spawner.ts'
import { usageBySession } from './usage.ts'

/** Marks every process of one container, also those that left its session. */
export const CONTAINER_VARIABLE = 'PODIUM_CONTAINER'
/** Marks every process of one command that was run in a container. */
const SESSION_VARIABLE = 'PODIUM_SESSION'
/** Of a terminal nobody has told its size yet. */
const USUAL_TERMINAL = { columns: 80, rows: 24 }

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
  /** Where the image's files are. */
  scratch: string
  container: RunningContainer
  program: ImageProgram
  env: Record<string, string>
  cwd: string
  files: ContainerFiles | undefined
  child: SpawnedProcess
  attachments: Attachments
  stdinOnce: boolean
  ended: Promise<number>
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
  readonly #spawner: Spawner
  readonly cpuGroups: CpuGroups
  readonly #spawning = new Set<Promise<SpawnedProcess>>()
  #closed = false

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#host = options.host ?? findHostPrograms()
    this.logs = new LogBook(() => this.#clock.now(), options.maxLogFileBytes)
    this.#spawner = createSpawner(options.programsDir)
    this.cpuGroups = openCpuGroups(options.clusterId)
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
    const { cwd, files, stdin, tty, cpu = NO_WISH } = spec
    const [file, args] = executable(line, env['PATH']!, cwd, (at) => files?.onMachine(at) ?? at)
    const log = this.logs.begin(spec.logPath)
    try {
      const command = { file, args, cwd }
      const entered = files?.start(command, spec.env) ?? command
      const run = { ...entered, env, niceness: withShares(program.niceness, cpu) }
      const child = await this.#spawn({
        ...run,
        ...(stdin && { stdin: true }),
        ...(tty && { tty: USUAL_TERMINAL }),
      })
      this.cpuGroups.place(spec.id, child.pid, cpu)
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
    const held = this.#running(id)
    const beside = await this.#beside(held, command)
    const child = await this.#spawn({ ...beside, env: held.env, niceness: 0 })
    return runBeside(child, limits, this.#clock, held.ended)
  }

  async open(
    id: string,
    command: readonly string[],
    { stdin, tty }: { stdin: boolean; tty: boolean },
  ): Promise<RemoteProcess> {
    const held = this.#running(id)
    const session = randomUUID()
    const env: Record<string, string> = { ...held.env, [SESSION_VARIABLE]: session }
    const beside = await this.#beside(held, command)
    const run = { ...beside, env, niceness: held.program.niceness }
    const child = await this.#spawn({
      ...run,
      ...(stdin && { stdin }),
      ...(tty && { tty: USUAL_TERMINAL }),
    })
    const opened = sessionOf(child, this.#clock, () =>
      this.#sweeper.sweepSoon(`${SESSION_VARIABLE}=${session}`),
    )
    void held.ended.then(() => opened.close())
    return opened
  }

  attach(id: string, { stdin }: { stdin: boolean }): RemoteProcess | undefined {
    const held = this.#held.get(id)
    if (!held) return undefined
    const { attachments, child, ended, stdinOnce } = held
    return attachments.join(child, ended, { stdin, once: stdinOnce })
  }

  /** What to run so that the command runs where the container's first process does. @throws CommandError */
  async #beside(held: Held, command: readonly string[]): Promise<Command> {
    const { program, scratch, env, cwd, files, container } = held
    const line = program.wrapCommand?.(command, scratch) ?? command
    if (files) await whenInside(container.pid, this.#clock)
    const root = files ? rootOf(container.pid) : ''
    const [file, args] = executable(line, env['PATH']!, cwd, (at) => `${root}${at}`)
    return files?.join(container.pid, { file, args, cwd }) ?? { file, args, cwd }
  }

  #running(id: string): Held {
    const held = this.#held.get(id)
    if (!held) throw new Error(`container ${id} is not running`)
    return held
  }

  list(): RunningContainer[] {
    return [...this.#held.values()].map(({ container }) => container)
  }

  usage(): Promise<Map<string, Usage>> {
    return usageBySession(new Map(this.list().map(({ id, pid }) => [id, pid])))
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#spawning)
    const ends = [...this.#held.values()].map(({ ended }) => ended)
    for (const id of this.#held.keys()) this.signal(id, 'kill')
    await Promise.all(ends)
    await Promise.all([this.#sweeper.close(), this.#spawner.close()])
    await this.cpuGroups.close()
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

  /** What is being started while the runtime closes is waited for, so that nothing is forgotten. */
  async #spawn(request: SpawnRequest): Promise<SpawnedProcess> {
    if (this.#closed) throw new Error('the runtime is closing')
    const spawning = this.#spawner.spawn(request)
    this.#spawning.add(spawning)
    try {
      return await spawning
    } finally {
      this.#spawning.delete(spawning)
    }
  }

  #hold(
    spec: ContainerSpec,
    child: SpawnedProcess,
    program: ImageProgram,
    env: Record<string, string>,
    log: LiveLog,
    onExit: (exit: ProcessExit) => void,
  ): RunningContainer {
    const container = { id: spec.id, image: spec.image, pid: child.pid }
    const attachments = new Attachments(Boolean(spec.stdin))
    const to = (name: LogStream) => (chunk: Buffer) => {
      const waits = [log.write(name, chunk), attachments.write(name, chunk)]
      const slow = waits.filter((wait) => wait !== undefined)
      return slow.length > 0 ? Promise.all(slow) : undefined
    }
    const output = Promise.all([
      pipeTo(to('stdout'), child.stdout),
      pipeTo(to('stderr'), child.stderr),
    ])
    const ended = this.#endOf(child, output, spec.id).then(async (exit) => {
      await this.logs.end(log)
      attachments.end()
      this.#held.delete(spec.id)
      this.cpuGroups.remove(spec.id)
      onExit(exit)
      return exit.exitCode
    })
    const stdinOnce = spec.stdin === 'once'
    const { cwd, scratch, files } = spec
    const own = { container, program, env, cwd, scratch, files }
    this.#held.set(spec.id, { ...own, child, attachments, stdinOnce, ended })
    return container
  }

  /** As in a container: when the first process ends, the rest is killed. */
  async #endOf(child: SpawnedProcess, output: Promise<unknown>, id: string): Promise<ProcessExit> {
    const exitCode = await child.ended
    sendSignal(-child.pid, 'SIGKILL')
    this.#sweeper.sweepSoon(`${CONTAINER_VARIABLE}=${id}`)
    await Promise.race([
      output,
      new Promise<void>((resolve) => {
        this.#clock.after(LAST_OUTPUT_MS, resolve)
      }),
    ])
    child.stdout.destroy()
    child.stderr.destroy()
    return { exitCode }
  }
}

/** Resolves when the stream has ended and all of it has been handed on. */
function pipeTo(
  write: (chunk: Buffer) => Promise<unknown> | undefined,
  stream: Readable,
): Promise<void> {
  stream.on('data', (chunk: Buffer) => {
    const full = write(chunk)
    if (!full) return
    stream.pause()
    void full.then(() => stream.resume())
  })
  stream.on('error', () => undefined)
  stream.resume()
  return endOfOutput(stream)
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

/**
 * Finds the program to run. The error texts are those of runc, which people know from Kubernetes.
 * @param onMachine where a file of the container is to be looked for
 */
function executable(
  line: readonly string[],
  searchPath: string,
  cwd: string,
  onMachine: (file: string) => string,
): [string, readonly string[]] {
  const [name, ...args] = line
  if (name === undefined || name === '') throw new Error('no command specified')
  if (!name.includes('/')) {
    const folders = searchPath.split(':')
    const file = folders.map((folder) => path.join(folder, name)).find((at) => runs(at, onMachine))
    if (file) return [file, args]
    throw new CommandError(`exec: "${name}": executable file not found in $PATH`, 127)
  }
  const file = path.resolve(cwd, name)
  if (runs(file, onMachine)) return [file, args]
  if (existsSync(onMachine(file))) {
    throw new CommandError(`exec: "${name}": permission denied`, 126)
  }
  throw new CommandError(`exec: "${name}": stat ${name}: no such file or directory`, 127)
}

/** A container may have a program of its own, or the machine's. */
function runs(file: string, onMachine: (file: string) => string): boolean {
  return isExecutable(onMachine(file))
}
