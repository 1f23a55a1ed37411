// A process on a terminal of its own (a pty): what `tty: true` and `kubectl exec -t` ask for.
import type net from 'node:net'
import type { TerminalSize } from '../../../shared/operation.ts'
import type { SpawnRequest, StreamName } from './spawn-messages.ts'

export interface Terminal {
  pid: number
  /** Its exit code; 128 + n after signal n. Everything it wrote has been passed on by then. */
  ended: Promise<number>
  resize(size: TerminalSize): void
}

/** What programs believe the terminal to be, as container runtimes set it. */
const TERMINAL_TYPE = 'xterm'

/**
 * Starts a process on a terminal whose screen goes to `stdout` and whose keyboard is `stdin`.
 * @throws Error when this machine has no terminals for us (no build of the pty library for its system).
 */
export async function openTerminal(
  { file, args, env, cwd, tty }: SpawnRequest,
  { stdin, stdout }: Partial<Record<StreamName, net.Socket>>,
): Promise<Terminal> {
  const { spawn } = await import('@lydell/node-pty')
  const pty = spawn(file, [...args], {
    name: env['TERM'] ?? TERMINAL_TYPE,
    cols: tty?.columns ?? 80,
    rows: tty?.rows ?? 24,
    cwd,
    env,
    // Bytes, not text: a character may be cut in two anywhere.
    encoding: null,
  })
  pty.onData((text) => {
    const roomLeft = stdout?.write(text) ?? true
    if (roomLeft || stdout?.destroyed) return
    pty.pause()
    stdout?.once('drain', () => pty.resume())
  })
  // Whoever no longer looks must not stop the process from writing.
  stdout?.once('close', () => pty.resume())
  // It takes bytes as well, which its types do not say.
  stdin?.on('data', (chunk: Buffer) => pty.write(chunk as unknown as string))
  // The end of the input is Ctrl-D on a terminal.
  stdin?.once('end', () => pty.write('\u0004'))
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      stdin?.destroy()
      stdout?.end()
      resolve(signal ? 128 + signal : exitCode)
    })
  })
  return {
    pid: pty.pid,
    ended,
    resize: ({ columns, rows }) => resized(() => pty.resize(columns, rows)),
  }
}

/** A terminal that has just ended cannot be resized; nobody looks at it any more. */
function resized(resize: () => void): void {
  try {
    resize()
  } catch {
    // ENOTTY, EBADF
  }
}
