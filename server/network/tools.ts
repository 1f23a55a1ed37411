// The system's own programs that write and read rules. Starting a program holds up whoever does it until the new one has
// been loaded: the larger the process and the busier the machine, the longer. So a shell, which is small, starts them.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'

/** Runs a program to its end and answers what it wrote, complaints included. Rejects with the first line when it failed. */
export type RunTool = (program: string, args: readonly string[], input?: string) => Promise<string>

export class NotInstalled extends Error {
  constructor(program: string) {
    super(`${program} is not installed`)
  }
}

/**
 * One order after the other: a line with the length of the input and the command, then the input; answered by a line with
 * the exit code and the length of the output, then the output. Nothing of an order is taken for more than words of a
 * command: no name, no pattern and no substitution in it is expanded. Ctrl-C reaches every process of the terminal, and
 * rules still have to be taken back then.
 */
const SCRIPT = `
set -f
trap '' INT TERM HUP
while read -r length command; do
  input=$(command -p head -c "$length")
  output=$(printf '%s\\n' "$input" | $command 2>&1)
  printf '%s %s\\n%s' "$?" "\${#output}" "$output"
done`

/** What a shell says of a program that is not there (POSIX, 2.8.2). */
const NOT_FOUND = 127

interface Waiting {
  program: string
  resolve: (output: string) => void
  reject: (error: Error) => void
}

/** Runs programs by a shell, which is there from the first one on and ends with `close`, or with its parent. */
export class ToolRunner {
  readonly #clusterId: string
  /** In the order in which they were asked for, which is that of the answers. */
  #waiting: Waiting[] = []
  #shell: ChildProcess | undefined
  #heard = Buffer.alloc(0)

  /** `clusterId` is what every process of the cluster carries. */
  constructor(clusterId: string) {
    this.#clusterId = clusterId
  }

  /** Words with white space in them would be several, and are refused. */
  readonly run: RunTool = (program, args, input = '') =>
    new Promise((resolve, reject) => {
      const command = [program, ...args]
      if (command.some((word) => word === '' || /\s/.test(word))) {
        return reject(new Error(`not a word: ${command.join(' ')}`))
      }
      this.#shell ??= this.#start()
      this.#waiting.push({ program, resolve, reject })
      this.#shell.stdin?.write(`${Buffer.byteLength(input)} ${command.join(' ')}\n${input}`)
    })

  /** Resolves when the shell is gone. */
  async close(): Promise<void> {
    const shell = this.#shell
    if (!shell) return
    const gone = new Promise((resolve) => shell.once('close', resolve))
    shell.stdin?.end()
    await gone
  }

  #start(): ChildProcess {
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Lengths are in bytes.
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', PODIUM_CLUSTER: this.#clusterId },
    })
    shell.stdout.on('data', (more: Buffer) => this.#hear(more))
    // It has ended, which is heard below.
    shell.stdin.on('error', () => undefined)
    shell.once('error', (error) => this.#lost(shell, error.message))
    shell.once('close', () => this.#lost(shell, 'the shell that starts it ended'))
    return shell
  }

  #hear(more: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, more])
    for (;;) {
      const lineEnd = this.#heard.indexOf('\n')
      if (lineEnd === -1) return
      const [code = 1, length = 0] = this.#heard
        .toString('latin1', 0, lineEnd)
        .split(' ')
        .map(Number)
      const end = lineEnd + 1 + length
      if (this.#heard.length < end) return
      const output = this.#heard.toString('utf8', lineEnd + 1, end)
      this.#heard = this.#heard.subarray(end)
      this.#settle(code, output)
    }
  }

  #settle(code: number, output: string): void {
    const waiting = this.#waiting.shift()
    if (!waiting) return
    const { program, resolve, reject } = waiting
    if (code === 0) resolve(output)
    else if (code === NOT_FOUND) reject(new NotInstalled(program))
    else reject(new Error(`${program} failed: ${output.split('\n')[0] ?? ''}`))
  }

  /** The next order starts another. */
  #lost(shell: ChildProcess, why: string): void {
    if (shell !== this.#shell) return
    this.#shell = undefined
    this.#heard = Buffer.alloc(0)
    for (const { program, reject } of this.#waiting.splice(0)) {
      reject(new Error(`${program} cannot be run: ${why}`))
    }
  }
}
