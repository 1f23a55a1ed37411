// The spawner: starts processes for the main process. Starting one blocks whoever does it until the new program has been
// loaded, tens of milliseconds on a busy machine; here nobody waits for it. It ends with the main process.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import { takePrecedence } from './precedence.ts'
import type { ResizeOrder, SpawnOrder, SpawnReport, StreamName } from './spawn-messages.ts'
import { streamsOf } from './spawn-messages.ts'
import type { Terminal } from './terminal.ts'
import { openTerminal } from './terminal.ts'

const terminals = new Map<number, Terminal>()

/** Writes of a session's niceness that the kernel puts off are repeated. */
const GROUP_TRIES = 50
const GROUP_AGAIN_MS = 120

function report(message: SpawnReport): void {
  if (process.connected) process.send?.(message)
}

/** A connection to the main process that says whose stream it carries. */
function connection(path: string, header: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined)
      socket.write(header, () => resolve(socket))
    })
  })
}

type Connections = Partial<Record<StreamName, net.Socket>>

async function start(order: SpawnOrder): Promise<void> {
  const { id, socketPath } = order
  const pairs = await Promise.all(
    streamsOf(order).map(async (name) => [name, await connection(socketPath, `${id} ${name}\n`)]),
  )
  const connections = Object.fromEntries(pairs) as Connections
  const pid = order.tty ? await startOnTerminal(order, connections) : startPlain(order, connections)
  if (pid === undefined) return
  if (order.niceness > 0) lowerPriority(pid, order.niceness)
  report({ id, pid })
}

function startPlain(order: SpawnOrder, connections: Connections): number | undefined {
  const { id, file, args, env, cwd } = order
  const { stdin, stdout, stderr } = connections
  const child: ChildProcess = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: [stdin ?? 'ignore', stdout ?? 'ignore', stderr ?? 'ignore'],
  })
  child.once('error', (error) => report({ id, error: error.message }))
  child.once('exit', (code, signal) => report({ id, code, signal }))
  // From here on only the new process holds its streams.
  for (const socket of Object.values(connections)) socket.destroy()
  return child.pid
}

async function startOnTerminal(order: SpawnOrder, connections: Connections): Promise<number> {
  const { id } = order
  const terminal = await openTerminal(order, connections)
  terminals.set(id, terminal)
  void terminal.ended.then((code) => {
    terminals.delete(id)
    report({ id, code, signal: null })
  })
  return terminal.pid
}

function lowerPriority(pid: number, niceness: number): void {
  try {
    os.setPriority(pid, niceness)
  } catch {
    // It has ended already, or the system forbids it; it runs all the same.
  }
  lowerGroup(pid, niceness, GROUP_TRIES)
}

/**
 * Where the kernel shares the processor between sessions first (sched(7), "The autogroup feature"), a process's own
 * niceness counts within its session only, and each container is a session of its own: so the session's is set too.
 */
function lowerGroup(pid: number, niceness: number, tries: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch (error) {
    // Without privileges the kernel takes one such write in a tenth of a second. Anything else: there are no such groups.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || tries === 0) return
    setTimeout(() => lowerGroup(pid, niceness, tries - 1), GROUP_AGAIN_MS)
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
const giveBackPrecedence = takePrecedence(process.ppid)
process.on('disconnect', () => {
  giveBackPrecedence()
  process.exit(0)
})
process.on('message', (order: SpawnOrder | ResizeOrder) => {
  if ('resize' in order) return terminals.get(order.id)?.resize(order.resize)
  start(order).catch((error: unknown) => report({ id: order.id, error: String(error) }))
})
