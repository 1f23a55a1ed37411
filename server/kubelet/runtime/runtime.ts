// The one interface behind which containers run. The kubelet decides, a runtime carries out and reports what it sees.
import type { RemoteProcess } from '../../../shared/operation.ts'
import type { CpuGroups, CpuWish } from './cpu-groups.ts'
import type { LogBook } from './log-book.ts'
import type { ContainerFiles } from './own-files.ts'

/** What a runtime needs to start one container. Everything is already expanded: no `$(VAR)`, no references. */
export interface ContainerSpec {
  /** Unique for every start, also of the same container. */
  id: string
  image: string
  /** Replaces the image's entry point; then the image's own arguments do not apply. */
  command?: readonly string[] | undefined
  args?: readonly string[] | undefined
  env: Readonly<Record<string, string>>
  /** An existing directory; of the container's own file system where it has one. */
  cwd: string
  /** Its own file system; absent: it sees the machine's files. */
  files?: ContainerFiles | undefined
  /** A directory of this start alone, for files the image generates (a server's configuration). */
  scratch: string
  /** What of the processors it asked for; absent: nothing. */
  cpu?: CpuWish
  /** stdout and stderr go to this file, in the CRI log format. */
  logPath: string
  /** It has an input that can be attached to; `once`: which ends with the first that was attached. */
  stdin?: 'open' | 'once' | undefined
  /** Its process runs on a terminal. */
  tty?: boolean | undefined
}

/** The command cannot be run: there is no such file, or it may not be executed. The text is what runc says. */
export class CommandError extends Error {
  /** As shells have it: 127 when there is none, 126 when it cannot be executed. */
  readonly exitCode: 126 | 127
  constructor(message: string, exitCode: 126 | 127) {
    super(message)
    this.exitCode = exitCode
  }
}

/** How a container ended. A signal counts as 128 + its number, as shells and Kubernetes count it. */
export interface ProcessExit {
  exitCode: number
}

export interface ExecResult {
  exitCode: number
  /** stdout and stderr in order of arrival, cut at the asked-for size. */
  output: string
  timedOut: boolean
}

export interface RunningContainer {
  id: string
  image: string
  pid: number
}

/** What a container and all processes below it use. */
export interface Usage {
  /** Processor time since each process began, in seconds. */
  cpuSeconds: number
  /** Memory in bytes that nobody else shares: what a memory limit counts. */
  memoryBytes: number
  /** Resident memory in bytes (shared pages count once per process). */
  residentBytes: number
  processes: number
}

export interface ContainerRuntime {
  /** `podium://1`: what nodes report as containerRuntimeVersion. */
  readonly version: string
  readonly logs: LogBook
  /** The image's identity, or why it cannot be had. */
  findImage(image: string): { imageID: string } | { missing: string }
  /**
   * Starts a container; `onExit` is called once, when its first process has ended, every process of its group has been
   * killed and its log is complete.
   * @throws Error with a text for people when it cannot be started; `onExit` is then never called.
   */
  start(spec: ContainerSpec, onExit: (exit: ProcessExit) => void): Promise<RunningContainer>
  /** 'stop' sends the image's stop signal to the container's first process, 'kill' SIGKILLs everything in it. */
  signal(id: string, how: 'stop' | 'kill'): void
  /** Runs a command beside the container's process, with its environment and working directory. */
  exec(
    id: string,
    command: readonly string[],
    limits: { timeoutMs: number; maxBytes: number },
  ): Promise<ExecResult>
  /**
   * Runs a command beside the container's process that somebody talks to.
   * @throws CommandError
   */
  open(
    id: string,
    command: readonly string[],
    streams: { stdin: boolean; tty: boolean },
  ): Promise<RemoteProcess>
  /** Joins the container's own process; undefined when it does not run. */
  attach(id: string, streams: { stdin: boolean }): RemoteProcess | undefined
  list(): RunningContainer[]
  /** By container id, for all that run now. */
  usage(): Promise<Map<string, Usage>>
  /** What holds shares and limits of processor time on this machine. */
  readonly cpuGroups: Pick<CpuGroups, 'why' | 'enforcesLimits'>
  /** Kills whatever still runs. */
  close(): Promise<void>
}
