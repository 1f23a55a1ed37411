// The system's own programs that write and read rules. Starting a program holds up whoever does it until the new one has
// been loaded, tens of milliseconds on a busy machine; so a small process of its own starts them, and nobody waits.
import type { ChildProcess } from 'node:child_process'
import { fork, spawn } from 'node:child_process'
import path from 'node:path'

/** Runs a program to its end and answers what it wrote. Rejects with what it complained of. */
export type RunTool = (program: string, args: readonly string[], input?: string) => Promise<string>

export class NotInstalled extends Error {
  constructor(program: string) {
    super(`${program} is not installed`)
  }
}

/** What the process is asked for. */
export interface ToolOrder {
  id: number
  program: string
  args: readonly string[]
  input: string
}

/** What came of it: one of the three. */
export interface ToolReport {
  id: number
  output?: string
  error?: string
  notInstalled?: true
}

/** Starts the program from this very process. */
export const runToolHere: RunTool = (program, args, input = '') =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') reject(new NotInstalled(program))
      else reject(new Error(`${program} cannot be run: ${error.message}`))
    })
    child.on('close', (code) => {
      const said = Buffer.concat(errors).toString().trim().split('\n')[0] ?? ''
      if (code === 0) resolve(Buffer.concat(output).toString())
      else reject(new Error(`${program} failed: ${said}`))
    })
    // A program that ends early closes its input; how it ended says why.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })

interface Waiting {
  program: string
  resolve: (output: string) => void
  reject: (error: Error) => void
}

/** Starts programs from a process of its own, which runs from the first one on and ends with `close`, or with its parent. */
export class ToolRunner {
  readonly #options: { programsDir: string; clusterId: string }
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess | undefined
  #orders = 0

  /** `programsDir` is where `tool-runner.js` is; `clusterId` is what every process of the cluster carries. */
  constructor(options: { programsDir: string; clusterId: string }) {
    this.#options = options
  }

  readonly run: RunTool = (program, args, input = '') =>
    new Promise((resolve, reject) => {
      this.#orders += 1
      const order: ToolOrder = { id: this.#orders, program, args, input }
      this.#waiting.set(order.id, { program, resolve, reject })
      this.#child ??= this.#start()
      this.#child.send(
        order,
        (error) => error && this.#settle({ id: order.id, error: error.message }),
      )
    })

  /** Resolves when its process is gone. */
  async close(): Promise<void> {
    const child = this.#child
    if (!child) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (child.connected) child.disconnect()
    await gone
  }

  #start(): ChildProcess {
    const { programsDir, clusterId } = this.#options
    const child = fork(path.join(programsDir, 'tool-runner.js'), [], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--max-old-space-size=32'],
      env: { PATH: process.env['PATH'] ?? '', PODIUM_CLUSTER: clusterId },
    })
    child.on('message', (report) => this.#settle(report as ToolReport))
    child.on('error', (error) => this.#lost(child, error.message))
    child.once('exit', () => this.#lost(child, 'the process that starts programs ended'))
    return child
  }

  #settle({ id, output, error, notInstalled }: ToolReport): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (notInstalled) waiting?.reject(new NotInstalled(waiting.program))
    else if (error !== undefined) waiting?.reject(new Error(error))
    else waiting?.resolve(output ?? '')
  }

  /** The next order starts it again. */
  #lost(child: ChildProcess, why: string): void {
    if (child === this.#child) this.#child = undefined
    for (const id of this.#waiting.keys()) this.#settle({ id, error: why })
  }
}
