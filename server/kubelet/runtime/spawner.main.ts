// The spawner: starts processes for the main process. Starting one blocks whoever does it until the new program has been
// loaded, tens of milliseconds on a busy machine; here nobody waits for it. It ends with the main process.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import net from 'node:net'
import os from 'node:os'
import type { SpawnOrder, SpawnReport } from './spawn-messages.ts'

function report(message: SpawnReport): void {
  if (process.connected) process.send?.(message)
}

/** A connection to the main process that says whose output it will carry. */
function outputTo(path: string, header: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path)
    socket.once('error', reject)
    socket.once('connect', () => socket.write(header, () => resolve(socket)))
  })
}

async function start(order: SpawnOrder): Promise<void> {
  const { id, file, args, env, cwd, socketPath } = order
  const outputs = await Promise.all([
    outputTo(socketPath, `${id} stdout\n`),
    outputTo(socketPath, `${id} stderr\n`),
  ])
  const child: ChildProcess = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', outputs[0], outputs[1]],
  })
  child.once('error', (error) => report({ id, error: error.message }))
  child.once('exit', (code, signal) => report({ id, code, signal }))
  // From here on only the new process holds its output.
  for (const output of outputs) output.destroy()
  if (child.pid === undefined) return
  if (order.niceness > 0) lowerPriority(child.pid, order.niceness)
  report({ id, pid: child.pid })
}

function lowerPriority(pid: number, niceness: number): void {
  try {
    os.setPriority(pid, niceness)
  } catch {
    // It has ended already, or the system forbids it; it runs all the same.
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
process.on('message', (order: SpawnOrder) => {
  start(order).catch((error: unknown) => report({ id: order.id, error: String(error) }))
})
