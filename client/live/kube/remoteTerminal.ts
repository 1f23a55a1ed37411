// A terminal on a process in a container (exec, attach): a WebSocket whose messages begin with the number of the
// stream they belong to (k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go).
import type { Status } from '../../../shared/status.ts'

/** The subprotocol that is spoken here. */
export const TERMINAL_PROTOCOL = 'v5.channel.k8s.io'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4

/** How it ended: a sentence for people, and the exit code where the process itself ended. */
export interface TerminalEnd {
  exitCode: number | null
  words: string
}

export interface TerminalListener {
  /** The process is there and hears. */
  onOpen(): void
  onOutput(bytes: Uint8Array): void
  /** Once, at the last; not after `close()`. */
  onEnd(end: TerminalEnd): void
}

export interface RemoteTerminal {
  /** What is typed; dropped when nobody hears it. */
  write(text: string | Uint8Array): void
  resize(columns: number, rows: number): void
  /** Hangs up; the cluster ends what it started for this terminal. */
  close(): void
}

/** Speaks with the process at the other end of `socket`, which must have been opened with TERMINAL_PROTOCOL. */
export function joinTerminal(socket: WebSocket, listener: TerminalListener): RemoteTerminal {
  socket.binaryType = 'arraybuffer'
  let status: Status | undefined
  let isOpen = false
  let isClosed = false
  const encoder = new TextEncoder()
  const send = (channel: number, text: string | Uint8Array): void => {
    if (socket.readyState !== socket.OPEN) return
    const bytes = typeof text === 'string' ? encoder.encode(text) : text
    const message = new Uint8Array(bytes.length + 1)
    message[0] = channel
    message.set(bytes, 1)
    socket.send(message)
  }
  socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
    if (isClosed) return
    const [channel] = new Uint8Array(data)
    const rest = new Uint8Array(data, Math.min(1, data.byteLength))
    if (channel === ERROR && rest.length > 0) status = statusOf(rest)
    // The first message is empty: it only tells that everything stands.
    else if (!isOpen) {
      isOpen = true
      listener.onOpen()
    }
    const isOutput = channel === STDOUT || channel === STDERR
    if (isOutput && rest.length > 0) listener.onOutput(rest)
  })
  socket.addEventListener('close', () => {
    if (!isClosed) listener.onEnd(endOf(status, isOpen))
  })
  return {
    write: (text) => send(STDIN, text),
    resize: (columns, rows) => send(RESIZE, JSON.stringify({ Width: columns, Height: rows })),
    close() {
      isClosed = true
      socket.close()
    },
  }
}

function statusOf(bytes: Uint8Array): Status | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Status
  } catch {
    return undefined
  }
}

function endOf(status: Status | undefined, wasOpen: boolean): TerminalEnd {
  if (status?.status === 'Success') return { exitCode: 0, words: 'It ended with exit code 0.' }
  const cause = status?.details?.causes?.find(({ reason }) => reason === 'ExitCode')
  const code = Number(cause?.message)
  if (cause && Number.isInteger(code)) {
    return { exitCode: code, words: `It ended with exit code ${code}${meaningOf(code)}.` }
  }
  if (status?.message) return { exitCode: null, words: `No terminal: ${status.message}.` }
  const words = wasOpen
    ? 'The connection was lost; what was started in it has been ended.'
    : 'The cluster gave no terminal.'
  return { exitCode: null, words }
}

const SIGNALS: Record<number, string> = {
  1: 'hung up',
  2: 'interrupted',
  3: 'quit',
  6: 'aborted',
  9: 'killed',
  11: 'a memory fault',
  15: 'asked to end',
}

/** What shells mean by the codes that are not the program's own (POSIX, Shell Command Language, 2.8.2). */
function meaningOf(code: number): string {
  if (code === 126) return ': that cannot be run'
  if (code === 127) return ': there is no such command'
  const signal = SIGNALS[code - 128]
  return signal ? `: ${signal}, signal ${code - 128}` : ''
}
