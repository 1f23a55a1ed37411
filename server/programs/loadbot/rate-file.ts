// The rate as a file says it: a mounted ConfigMap's file follows its object, so one patch changes all loadbots at once.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** How often (ms) the file is looked at. */
export const READ_RATE_MS = 250
/** Requests per second nobody sends. */
export const LARGEST_RATE = 10_000_000

/** A whole or decimal number of requests per second in plain text; null when it is none. 0 is as fast as answers come. */
export function parseRate(text: string): number | null {
  const trimmed = text.trim()
  const rate = Number(trimmed)
  return trimmed !== '' && rate >= 0 && rate <= LARGEST_RATE ? rate : null
}

/** Where a container's path lies on this machine: its `/` is a directory. */
export function pathInContainer(path: string): string {
  return path.startsWith('/') ? `${process.env.PODIUM_ROOT ?? ''}${path}` : path
}

/** One file that tells a rate; what was said by other means stands until the file says something else. */
export class RateFile {
  private readonly path: string
  private said = ''

  constructor(path: string) {
    this.path = path
  }

  /** What it says now. @throws Error with a sentence when it cannot be read or says no rate */
  first(): number {
    return this.take(readFileSync(this.path, 'utf8')) ?? 0
  }

  /** The rate when the file says something new; null when it says what it said. @throws as `first` */
  async next(): Promise<number | null> {
    return this.take(await readFile(this.path, 'utf8'))
  }

  private take(text: string): number | null {
    if (text === this.said) return null
    this.said = text
    const rate = parseRate(text)
    if (rate === null) throw new Error(`${JSON.stringify(text.slice(0, 40))} is no rate`)
    return rate
  }
}
