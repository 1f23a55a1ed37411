// The CRI log format: `2026-01-02T03:04:05.678Z stdout F text`. F ends a line, P is a piece of a long one.
// https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md

export type LogStream = 'stdout' | 'stderr'

/** Longer lines are stored in pieces of this many bytes, so that no reader needs more memory than that. */
export const MAX_PIECE_BYTES = 16 * 1024

const NEWLINE = 10

/** Cuts a byte stream into log records; keeps at most one unfinished line. */
export class LineCutter {
  readonly #stream: LogStream
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: LogStream) {
    this.#stream = stream
  }

  /** The records that `chunk` completes. `stamp` is their RFC 3339 time. */
  push(chunk: Buffer, stamp: string): Buffer[] {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const records: Buffer[] = []
    let from = 0
    for (;;) {
      const end = bytes.indexOf(NEWLINE, from)
      const length = (end < 0 ? bytes.length : end) - from
      if (length > MAX_PIECE_BYTES) {
        records.push(this.#record(bytes.subarray(from, from + MAX_PIECE_BYTES), 'P', stamp))
        from += MAX_PIECE_BYTES
      } else if (end < 0) {
        break
      } else {
        records.push(this.#record(bytes.subarray(from, end), 'F', stamp))
        from = end + 1
      }
    }
    this.#rest = Buffer.from(bytes.subarray(from))
    return records
  }

  /** What is left at the end of the stream: a last line without a line feed. */
  finish(stamp: string): Buffer[] {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest.length > 0 ? [this.#record(rest, 'P', stamp)] : []
  }

  #record(text: Buffer, tag: 'F' | 'P', stamp: string): Buffer {
    return Buffer.concat([
      Buffer.from(`${stamp} ${this.#stream} ${tag} `),
      text,
      Buffer.from([NEWLINE]),
    ])
  }
}

export interface LogRecord {
  stamp: string
  stream: LogStream
  whole: boolean
  text: Buffer
}

/** Reads one stored line (without its line feed); undefined when it is none (a torn write). */
export function parseRecord(line: Buffer): LogRecord | undefined {
  const first = line.indexOf(32)
  const second = line.indexOf(32, first + 1)
  const third = line.indexOf(32, second + 1)
  if (first < 0 || second < 0 || third < 0) return undefined
  return {
    stamp: line.toString('latin1', 0, first),
    stream: line.toString('latin1', first + 1, second) === 'stderr' ? 'stderr' : 'stdout',
    whole: line[second + 1] === 70,
    text: line.subarray(third + 1),
  }
}
