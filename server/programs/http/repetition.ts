// Under load the same bytes come again and again. Comparing a chunk with a repetition of what is already understood is
// one memory comparison for a whole pipeline, where parsing would be one parse for each message.

const NOTHING = Buffer.alloc(0)

/** One message's bytes, and as many of them in a row as anyone asked for. */
export class Repetition {
  readonly length: number
  private readonly one: Buffer
  private many: Buffer

  constructor(one: Buffer) {
    this.one = one
    this.many = one
    this.length = one.length
  }

  /** The first `length` bytes of the message. */
  start(length: number): Buffer {
    return length === 0 ? NOTHING : this.one.subarray(0, length)
  }

  /** `times` messages in a row; the bytes are shared and must not be written to. */
  of(times: number): Buffer {
    const wanted = times * this.length
    if (this.many.length < wanted) this.grow(wanted)
    return this.many.length === wanted ? this.many : this.many.subarray(0, wanted)
  }

  /**
   * Whether bytes `from`–`to` of `chunk` are what follows when `offset` bytes (fewer than one message) of this
   * repetition have been seen.
   */
  continues(chunk: Buffer, from: number, to: number, offset: number): boolean {
    const end = offset + to - from
    if (this.many.length < end) this.grow(end)
    return chunk.compare(this.many, offset, end, from, to) === 0
  }

  private grow(wanted: number): void {
    const times = Math.ceil((wanted * 2) / this.length)
    this.many = Buffer.alloc(times * this.length, this.one)
  }
}
