// A body in chunks (RFC 9112, section 7.1), read from pieces cut anywhere.
import { MAX_HEAD_BYTES } from './limits.ts'
import { parseFields } from './fields.ts'

const CR = 13
const LF = 10
const SEMICOLON = 59
const MAX_SIZE_DIGITS = 12
/** `;name`, `;name=token` and `;name="quoted"`, any number of times. */
const EXTENSIONS =
  /^(;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(=([!#$%&'*+\-.^_`|~0-9A-Za-z]+|"([\t\x20-\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/

type State = 'size' | 'extension' | 'sizeEnd' | 'data' | 'dataCr' | 'dataLf' | 'trailer' | 'done'

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 0x20
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** Reads one chunked body. Its data is handed to `onData`, which may ignore it. */
export class ChunkedReader {
  private state: State = 'size'
  private size = 0
  private digits = 0
  private left = 0
  private line = ''
  private overhead = 0
  private readonly onData: (data: Buffer) => void

  constructor(onData: (data: Buffer) => void) {
    this.onData = onData
  }

  get done(): boolean {
    return this.state === 'done'
  }

  /** Reads bytes `from`–`to`; answers how far it got (`to` unless done), or -1 when they are malformed. */
  read(bytes: Buffer, from: number, to: number): number {
    let at = from
    while (at < to && this.state !== 'done') {
      if (this.state === 'data') {
        const end = Math.min(to, at + this.left)
        this.onData(bytes.subarray(at, end))
        this.left -= end - at
        at = end
        if (this.left === 0) this.state = 'dataCr'
      } else if (this.step(bytes[at] ?? 0)) {
        at++
      } else {
        return -1
      }
    }
    return at
  }

  /** Takes one byte that is not data; false when it may not stand here. */
  private step(byte: number): boolean {
    switch (this.state) {
      case 'size':
        return this.sizeByte(byte)
      case 'extension':
        return this.extensionByte(byte)
      case 'sizeEnd':
        return byte === LF && this.startChunk()
      case 'dataCr':
        this.state = 'dataLf'
        return byte === CR
      case 'dataLf':
        this.state = 'size'
        this.size = 0
        this.digits = 0
        return byte === LF
      case 'trailer':
        return this.trailerByte(byte)
      case 'data':
      case 'done':
        return false
    }
  }

  private sizeByte(byte: number): boolean {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.size = this.size * 16 + digit
      return ++this.digits <= MAX_SIZE_DIGITS
    }
    if (this.digits === 0) return false
    if (byte === CR) this.state = 'sizeEnd'
    else if (byte === SEMICOLON) this.startExtension()
    else return false
    return true
  }

  private startExtension(): void {
    this.state = 'extension'
    this.line = ';'
  }

  private extensionByte(byte: number): boolean {
    if (++this.overhead > MAX_HEAD_BYTES) return false
    if (byte !== CR) {
      this.line += String.fromCharCode(byte)
      return true
    }
    const line = this.line
    this.line = ''
    this.state = 'sizeEnd'
    return EXTENSIONS.test(line)
  }

  private startChunk(): boolean {
    this.left = this.size
    this.state = this.size === 0 ? 'trailer' : 'data'
    return true
  }

  private trailerByte(byte: number): boolean {
    if (++this.overhead > MAX_HEAD_BYTES) return false
    if (byte !== LF) {
      this.line += String.fromCharCode(byte)
      return true
    }
    if (!this.line.endsWith('\r')) return false
    const line = this.line.slice(0, -1)
    this.line = ''
    if (line === '') this.state = 'done'
    return line === '' || parseFields([line]) !== null
  }
}
