// A streamed answer over a WebSocket (shared/door.ts): the head, then bytes as they come.
import { STREAM_PROTOCOLS } from '../../../shared/door.ts'
import type { StreamHead } from '../../../shared/door.ts'
import { errorOf, unreachable } from './answers.ts'

/** A WebSocket, as far as it is needed here: the browser's own, and in tests another's. */
export type SocketMaker = new (url: string, protocol: string) => WebSocket

export interface SocketStream {
  /** Resolves with a good answer's head; rejects with the ApiError of a bad one, or when nobody answers. */
  readonly head: Promise<StreamHead>
  /** Resolves when the answer ended or was closed. */
  readonly done: Promise<void>
  close(): void
}

/**
 * Asks for GET `url` (`ws://…`) and hands its bytes on.
 * @param onBytes called for a good answer's body only
 */
export function openSocketStream(
  Socket: SocketMaker,
  url: string,
  as: keyof typeof STREAM_PROTOCOLS,
  onBytes: (bytes: Uint8Array) => void,
): SocketStream {
  const socket = new Socket(url, STREAM_PROTOCOLS[as])
  socket.binaryType = 'arraybuffer'
  let head: StreamHead | undefined
  let failure = ''
  const decoder = new TextDecoder()
  const headed = promiseOf<StreamHead>()
  const ended = promiseOf<void>()
  // Whoever looks at only one of the two must not be told of the other by the browser's console.
  headed.promise.catch(() => undefined)
  const isFailure = (): boolean => (head?.status ?? 0) >= 400
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === 'string') {
      head = JSON.parse(data) as StreamHead
      if (!isFailure()) headed.resolve(head)
    } else if (isFailure()) failure += decoder.decode(data, { stream: true })
    else onBytes(new Uint8Array(data))
  })
  socket.addEventListener('close', () => {
    headed.reject(head && isFailure() ? errorOf(head.status, failure) : unreachable())
    ended.resolve()
  })
  return { head: headed.promise, done: ended.promise, close: () => socket.close() }
}

interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: Error) => void
}

function promiseOf<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}

/** Cuts bytes into lines of text, whatever the pieces they come in. Answers the way to hand pieces in. */
export function lineCutter(onLine: (line: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder()
  let rest = ''
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  }
}
