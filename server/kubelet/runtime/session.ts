// A command that somebody talks to while it runs beside a container (kubectl exec), as a RemoteProcess.
import type { Readable, Writable } from 'node:stream'
import type { RemoteProcess } from '../../../shared/operation.ts'
import type { Clock } from '../../machinery/clock.ts'
import { sendSignal } from './processes.ts'
import type { SpawnedProcess } from './spawner.ts'

/** After the end of a command, when nothing has come for this long: something it left behind holds its output open. */
const QUIET_MS = 200

/**
 * @param child just started, leader of its own session and group.
 * @param sweep kills what has left the group.
 */
export function sessionOf(child: SpawnedProcess, clock: Clock, sweep: () => void): RemoteProcess {
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) stream.on('error', () => undefined)
  let running = true
  const ended = child.ended.then((code) => {
    running = false
    for (const stream of streams) endWhenQuiet(stream, clock)
    return code
  })
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    write: (bytes) => written(child.stdin, bytes),
    endInput: () => void child.stdin?.end(),
    resize: (size) => child.resize(size),
    close() {
      for (const stream of streams) stream.destroy()
      child.stdin?.destroy()
      if (!running) return
      sendSignal(-child.pid, 'SIGKILL')
      sweep()
    },
  }
}

/** Resolves when there is room for more; what can no longer be read is dropped. */
export function written(input: Writable | undefined, bytes: Uint8Array): Promise<void> {
  if (!input || input.destroyed || input.writableEnded) return Promise.resolve()
  if (input.write(bytes)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      input.off('drain', done).off('close', done)
      resolve()
    }
    input.on('drain', done).on('close', done)
  })
}

/** Closes an output that has no more to give although something still holds it open. */
function endWhenQuiet(stream: Readable, clock: Clock): void {
  let last = bytesOf(stream)
  const look = (): void => {
    if (stream.destroyed || stream.readableEnded) return
    const now = bytesOf(stream)
    if (now === last && stream.readableLength === 0) {
      stream.push(null)
      return
    }
    last = now
    clock.after(QUIET_MS, look)
  }
  clock.after(QUIET_MS, look)
}

function bytesOf(stream: Readable): number {
  return (stream as Readable & { bytesRead?: number }).bytesRead ?? 0
}
