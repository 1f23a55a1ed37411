// What programs of data planes share: lines to the log, and a file that changes.
import { readFileSync, watchFile, unwatchFile } from 'node:fs'

const LOOK_EVERY_MS = 100

/** One line to the container's log, with the time in UTC. */
export function say(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`)
}

export interface Following {
  /** Resolves when the file has been taken for the first time. */
  readonly first: Promise<void>
  close(): void
}

/** Hands over what the file says, now and after each change. What cannot be taken is said, and what was taken stays. */
export function followFile(file: string, take: (text: string) => void): Following {
  let taken: string | undefined
  let tellFirst: () => void = () => undefined
  const first = new Promise<void>((resolve) => (tellFirst = resolve))
  const look = (): void => {
    try {
      const text = readFileSync(file, 'utf8')
      if (text === taken) return
      take(text)
      taken = text
      tellFirst()
    } catch (error) {
      say(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  // Looked at by name: a projected volume swaps a link, and a watcher would go on with the old file.
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: true }, look)
  look()
  return { first, close: () => unwatchFile(file, look) }
}
