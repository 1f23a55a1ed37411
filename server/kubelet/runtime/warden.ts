// Starts the warden and starts it again should it die.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Clock, Timer } from '../../machinery/clock.ts'
import { systemClock } from '../../machinery/clock.ts'
import type { Running } from '../../machinery/room.ts'

const RESTART_AFTER_MS = 200
/** The warden itself sweeps in a fraction of a second; this bounds a stop on a machine that is out of breath. */
const CLOSE_WITHIN_MS = 1500

export interface WardenOptions {
  clusterId: string
  /** Where the containers' files are. */
  folder?: string
  /** The folder with warden.js (dist/server). */
  programsDir: string
  clock?: Clock
}

export interface Warden extends Running {
  /** Its process, while there is one. */
  readonly pid: number | undefined
  /** Resolves when it is on guard for the first time. The kernel keeps it informed from the very start all the same. */
  readonly onGuard: Promise<void>
}

/** Starts the warden of a cluster. `close` lets it sweep a last time and resolves when it has ended. */
export function startWarden(options: WardenOptions): Warden {
  const clock = options.clock ?? systemClock
  let closing = false
  let child: ChildProcess | undefined
  let restart: Timer | undefined
  let onGuard: () => void = () => undefined
  const guarding = new Promise<void>((resolve) => {
    onGuard = resolve
  })

  const start = (): void => {
    const started = spawn(
      process.execPath,
      [
        '--max-old-space-size=32',
        path.join(options.programsDir, 'warden.js'),
        options.clusterId,
        ...(options.folder === undefined ? [] : [options.folder]),
      ],
      { detached: true, stdio: ['pipe', 'pipe', 'ignore'], env: {}, cwd: '/' },
    )
    started.unref()
    const again = (): void => {
      if (child !== started) return
      child = undefined
      if (!closing) restart = clock.after(RESTART_AFTER_MS, start)
    }
    started.stdin?.on('error', () => undefined)
    started.stdout?.once('data', onGuard)
    unref(started.stdin)
    unref(started.stdout)
    started.once('error', again)
    started.once('exit', again)
    child = started
  }
  start()

  return {
    get pid() {
      return child?.pid
    },
    onGuard: guarding,
    async close() {
      closing = true
      restart?.cancel()
      const last = child
      if (last) await endOf(last, clock)
    },
  }
}

/** The pipes of a child are sockets, which keep a process alive unless told otherwise. */
function unref(stream: unknown): void {
  ;(stream as { unref?: () => void } | null)?.unref?.()
}

async function endOf(child: ChildProcess, clock: Clock): Promise<void> {
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    clock.after(CLOSE_WITHIN_MS, resolve)
    child.ref()
    child.stdin?.end()
  })
}
