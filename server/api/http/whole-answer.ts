// An answer that is sent whole: what handlers ask of node's ServerResponse, as long as they do not stream.
import { STATUS_CODES } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Outgoing } from './exchange.ts'

/** Pieces up to here are copied together with what comes before them, so that they leave in few records. */
const COPIED_BYTES = 32 * 1024
/** Of longer ones so much is handed to the connection at once. */
const PART_BYTES = 64 * 1024

/** One answer on `socket`; `onEnd` is called once when it has been handed over whole. */
export class WholeAnswer implements Outgoing {
  shouldKeepAlive = true
  headersSent = false
  readonly #socket: TLSSocket
  readonly #tail: string
  readonly #onEnd: () => void
  #fields = ''
  #head = ''
  #lacksLength = false
  #pieces: Buffer[] = []

  /** @param tail header lines that every answer ends with, each with its line end */
  constructor(socket: TLSSocket, tail: string, onEnd: () => void) {
    this.#socket = socket
    this.#tail = tail
    this.#onEnd = onEnd
  }

  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  get closed(): boolean {
    return this.#socket.destroyed
  }

  once(event: 'close', run: () => void): this {
    this.#socket.once(event, run)
    return this
  }

  destroy(): void {
    this.#socket.destroy()
  }

  setHeader(name: string, value: number | string | readonly string[]): this {
    const values = Array.isArray(value) ? (value as readonly string[]) : [value]
    for (const one of values) this.#fields += fieldOf(name, String(one))
    return this
  }

  writeHead(code: number, headers: OutgoingHttpHeaders = {}): this {
    for (const name of Object.keys(headers)) {
      const value = headers[name]
      if (value !== undefined) this.setHeader(name, value)
    }
    const known = 'content-length' in headers || code === 204 || code === 304
    this.#head = `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\n${this.#fields}`
    this.#lacksLength = !known
    this.headersSent = true
    return this
  }

  write(piece: Buffer): void {
    this.#pieces.push(piece)
  }

  end(piece?: Buffer): void {
    if (piece) this.#pieces.push(piece)
    const body = this.#pieces.reduce((sum, { length }) => sum + length, 0)
    const length = this.#lacksLength ? `content-length: ${body}\r\n` : ''
    const connection = this.shouldKeepAlive ? '' : 'connection: close\r\n'
    const head = `${this.#head}${length}${connection}${this.#tail}\r\n`
    if (body <= COPIED_BYTES) this.#socket.write(inOne(head, body, this.#pieces))
    else this.#writePieces(head)
    if (!this.shouldKeepAlive) this.#socket.end()
    this.#onEnd()
  }

  #writePieces(head: string): void {
    let small: Buffer[] = [Buffer.from(head, 'latin1')]
    for (const each of this.#pieces) {
      if (each.length <= COPIED_BYTES) small.push(each)
      else {
        this.#socket.write(Buffer.concat(small))
        this.#writeLong(each)
        small = []
      }
    }
    if (small.length > 0) this.#socket.write(Buffer.concat(small))
  }

  /** In parts, for what is handed over at once is encrypted at once, and waits as a whole beside the original. */
  #writeLong(piece: Buffer): void {
    for (let at = 0; at < piece.length; at += PART_BYTES) {
      this.#socket.write(piece.subarray(at, at + PART_BYTES))
    }
  }
}

/** Head and body, which is `length` bytes long. */
function inOne(head: string, length: number, pieces: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + length)
  let at = bytes.write(head, 'latin1')
  for (const piece of pieces) at += piece.copy(bytes, at)
  return bytes
}

/** A line of the head; values come from handlers, which put nothing but printable text there. */
function fieldOf(name: string, value: string): string {
  if (/[^\x20-\x7e\t]/.test(value)) throw new Error(`the header ${name} cannot be ${value}`)
  return `${name}: ${value}\r\n`
}
