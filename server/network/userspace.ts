// The userspace proxy as its parent sees it: a process that is fed changes, and started again with everything when it dies.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import { backoffAfter } from '../machinery/backoff.ts'
import type { Clock, Timer } from '../machinery/clock.ts'
import type { Log } from '../machinery/log.ts'
import type { ForwarderCounts, ListenFailure } from './forwarder.ts'
import type { Proxier } from './proxier.ts'
import type { FromProxy, ToProxy } from './proxy-messages.ts'
import type { Route, RouteChanges } from './table.ts'

export interface UserspaceOptions {
  /** Where `userspace-proxy.js` is. */
  programsDir: string
  /** Every process of the cluster carries it in its environment. */
  clusterId: string
  clock: Clock
  log: Log
  /** Told what could not be listened on when a process was started again. */
  onFailures: (failures: ListenFailure[]) => void
}

const RESTART = { baseMs: 50, maxMs: 5000 }
/** Longer than a proxy takes to leave (userspace-proxy.main.ts). */
const LEAVE_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 2000

type Waiting = { resolve: (failures: ListenFailure[]) => void }

/** It carries data, and steps back for the control plane as the pods do. */
const NICENESS = 5

function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) os.setPriority(pid, NICENESS)
  } catch {
    // It has ended already, or the system forbids it; it runs all the same.
  }
}

/** The proxy; its process runs from the first `program` on, and ends some time after `leave`. */
export function startUserspaceProxy(options: UserspaceOptions): Proxier {
  return new UserspaceProxy(options)
}

class UserspaceProxy implements Proxier {
  readonly mode = 'userspace'
  readonly #options: UserspaceOptions
  /** Everything in force, for a new process. */
  readonly #routes = new Map<string, Route>()
  readonly #waiting = new Map<number, Waiting>()
  #nodes: readonly string[] = []
  #version = 0
  #child: ChildProcess | undefined
  #counts: ForwarderCounts | undefined
  #deaths = 0
  #restart: Timer | undefined
  #leaveTimer: Timer | undefined
  /** Whether connections are to come here. */
  #serving = false

  constructor(options: UserspaceOptions) {
    this.#options = options
  }

  /** Its process takes the targets in turn. */
  rulesOf({ targets }: Route): null[] {
    return targets.map(() => null)
  }

  #start(): ChildProcess {
    const { programsDir, clusterId, log } = this.#options
    const child = spawn(process.execPath, [path.join(programsDir, 'userspace-proxy.js')], {
      // A session of its own: the one that Podium runs in may go before others.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] ?? '', PODIUM_CLUSTER: clusterId },
    })
    lowerPriority(child.pid)
    child.on('message', (message) => this.#heard(message as FromProxy))
    child.stderr?.on('data', (text: Buffer) => log.warn(text.toString().trimEnd()))
    child.on('error', (error) => log.error('the userspace proxy', error))
    child.on('exit', (code, signal) => this.#died(child, String(signal ?? code)))
    return child
  }

  #heard(message: FromProxy): void {
    if (message.type === 'counts') {
      this.#counts = message.counts
      this.#deaths = 0
      return
    }
    const { version, failures } = message
    if (!this.#waiting.has(version) && failures.length > 0) this.#options.onFailures(failures)
    // What an earlier version asked for is in force with this one too.
    for (const [asked, { resolve }] of this.#waiting) {
      if (asked > version) continue
      this.#waiting.delete(asked)
      resolve(asked === version ? failures : [])
    }
  }

  #died(child: ChildProcess, how: string): void {
    if (child !== this.#child) return
    this.#child = undefined
    this.#counts = undefined
    this.#leaveTimer?.cancel()
    if (!this.#serving) return
    this.#options.log.warn(`the userspace proxy ended (${how}); starting it again`)
    this.#deaths += 1
    const wait = backoffAfter(this.#deaths, RESTART)
    this.#restart = this.#options.clock.after(wait, () => this.#begin())
  }

  /** Starts a process and tells it everything. */
  #begin(): void {
    this.#restart = undefined
    this.#child = this.#start()
    this.#send({ set: [...this.#routes.values()], remove: [] })
  }

  program(changes: RouteChanges, nodes: readonly string[]): Promise<ListenFailure[]> {
    this.#serving = true
    this.#leaveTimer?.cancel()
    this.#nodes = nodes
    for (const key of changes.remove) this.#routes.delete(key)
    for (const route of changes.set) this.#routes.set(route.key, route)
    return new Promise((resolve) => {
      this.#waiting.set(this.#version + 1, { resolve })
      if (this.#child || this.#restart) this.#send(changes)
      else this.#begin()
    })
  }

  #send(changes: RouteChanges): void {
    const version = ++this.#version
    this.#say({ type: 'program', version, changes, nodes: this.#nodes })
  }

  /** Does nothing while there is no process: the next one is told everything. */
  #say(message: ToProxy): void {
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  counts(): ForwarderCounts | undefined {
    return this.#counts
  }

  leave(): Promise<void> {
    const child = this.#child
    this.#stop()
    this.#say({ type: 'leave' })
    this.#leaveTimer = this.#options.clock.after(LEAVE_TIMEOUT_MS, () => child?.kill('SIGKILL'))
    return Promise.resolve()
  }

  #stop(): void {
    this.#serving = false
    this.#routes.clear()
    this.#restart?.cancel()
    this.#restart = undefined
    this.#leaveTimer?.cancel()
    for (const { resolve } of this.#waiting.values()) resolve([])
    this.#waiting.clear()
  }

  async close(): Promise<void> {
    this.#stop()
    const child = this.#child
    if (child?.pid === undefined) return
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    if (child.connected) child.disconnect()
    const timer = this.#options.clock.after(STOP_TIMEOUT_MS, () => child.kill('SIGKILL'))
    await exited
    timer.cancel()
  }
}
