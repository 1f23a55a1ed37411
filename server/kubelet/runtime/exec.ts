// Waits for a command that runs beside a container: its output up to a size, its exit code, its end by force.
import type { Clock } from '../../machinery/clock.ts'
import { sendSignal } from './processes.ts'
import type { ExecResult } from './runtime.ts'
import type { SpawnedProcess } from './spawner.ts'
import { endOfOutput } from './spawner.ts'

/** After the command's end, how long its output is still read: something outside its group may hold it open. */
const LAST_OUTPUT_MS = 200

/**
 * @param child just started, leader of its own group.
 * @param containerEnded kills the command with its container.
 */
export async function runBeside(
  child: SpawnedProcess,
  limits: { timeoutMs: number; maxBytes: number },
  clock: Clock,
  containerEnded: Promise<unknown>,
): Promise<ExecResult> {
  const pieces: Buffer[] = []
  let bytes = 0
  let timedOut = false
  const collect = (chunk: Buffer): void => {
    if (bytes < limits.maxBytes) pieces.push(chunk.subarray(0, limits.maxBytes - bytes))
    bytes += chunk.length
  }
  const kill = (): void => sendSignal(-child.pid, 'SIGKILL')
  const timer = clock.after(limits.timeoutMs, () => {
    timedOut = true
    kill()
  })
  let running = true
  void containerEnded.then(() => running && kill())
  const streams = [child.stdout, child.stderr]
  const closed = streams.map((stream) => {
    stream.on('data', collect)
    stream.on('error', () => undefined)
    stream.resume()
    return endOfOutput(stream)
  })
  const exitCode = await child.ended
  running = false
  timer.cancel()
  kill() // What the command left running in its group.
  const late = clock.after(LAST_OUTPUT_MS, () => streams.forEach((stream) => stream.destroy()))
  await Promise.all(closed)
  late.cancel()
  return { exitCode, output: Buffer.concat(pieces).toString('utf8'), timedOut }
}
