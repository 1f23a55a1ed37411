// Lines out of a stream of bytes.
import { StringDecoder } from 'node:string_decoder'

const MAX_LINE = 16 * 1024 * 1024

/** Hands over each line (without its end) once it is whole; throws when one is longer than 16 MiB. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8')
  private readonly onLine: (line: string) => void
  private rest = ''

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine
  }

  push(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n')
    this.rest = lines.pop() ?? ''
    if (this.rest.length > MAX_LINE) throw new Error('line too long')
    for (const line of lines) if (line !== '') this.onLine(line)
  }
}
