// Waits for a command that runs beside a container: its output up to a size, its exit code, its end by force.
import type { ChildProcess } from 'node:child_process'
import os from 'node:os'
import type { Clock } from '../../machinery/clock.ts'
import { sendSignal } from './processes.ts'
import type { ExecResult } from './runtime.ts'

/** After the command's end, how long its output is still read. */
const LAST_OUTPUT_MS = 200

/**
 * @param child just spawned, leader of its own group.
 * @param containerEnded kills the command with its container.
 */
export function runBeside(
  child: ChildProcess,
  limits: { timeoutMs: number; maxBytes: number },
  clock: Clock,
  containerEnded: Promise<void>,
): Promise<ExecResult> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let bytes = 0
    let timedOut = false
    const collect = (chunk: Buffer): void => {
      if (bytes < limits.maxBytes) pieces.push(chunk.subarray(0, limits.maxBytes - bytes))
      bytes += chunk.length
    }
    const kill = (): void => sendSignal(-child.pid!, 'SIGKILL')
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      timer.cancel()
      const exitCode = code ?? 128 + (signal ? (os.constants.signals[signal] ?? 0) : 0)
      resolve({ exitCode, output: Buffer.concat(pieces).toString('utf8'), timedOut })
    }
    const timer = clock.after(limits.timeoutMs, () => {
      timedOut = true
      kill()
    })
    child.on('error', () => undefined)
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    // A background process outside the group may keep the output open: do not wait for it.
    child.once('exit', () => {
      kill()
      clock.after(LAST_OUTPUT_MS, () => child.stdout?.destroy() && child.stderr?.destroy())
    })
    child.once('close', finish)
    void containerEnded.then(kill)
  })
}
