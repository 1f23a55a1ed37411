// The audit file: one event a line, the older half kept beside it, so that it never takes more than twice its size.
import { appendFile, rename, stat } from 'node:fs/promises'
import type { AuditEvent } from './event.ts'

export interface AuditFile {
  /** Returns at once; what cannot be written any more is counted in the next event that is. */
  write(event: AuditEvent): void
  /** Resolves when everything is written. */
  close(): Promise<void>
}

const MAX_BYTES = 10 * 2 ** 20
/** Whoever is refused faster than a disk writes shall not fill the memory. */
const MAX_WAITING = 1000

/**
 * Opens the audit file at `path`, whose older half is at `<path>.1`; readable by its owner only.
 * @param options.maxBytes bytes of each half; `onError` is told when a write fails, which loses its events
 */
export function openAuditFile(
  path: string,
  options: { maxBytes?: number; onError: (error: unknown) => void },
): AuditFile {
  const { maxBytes = MAX_BYTES, onError } = options
  let waiting: AuditEvent[] = []
  let dropped = 0
  let bytes: number | undefined
  let writing: Promise<void> | undefined

  const append = async (text: string): Promise<void> => {
    const length = Buffer.byteLength(text)
    bytes ??= await stat(path).then(
      ({ size }) => size,
      () => 0,
    )
    if (bytes > 0 && bytes + length > maxBytes) {
      await rename(path, `${path}.1`)
      bytes = 0
    }
    await appendFile(path, text, { mode: 0o600 })
    bytes += length
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting.map((event) => `${JSON.stringify(event)}\n`)
      waiting = []
      await append(lines.join('')).catch(onError)
    }
    writing = undefined
  }
  return {
    write(event) {
      if (waiting.length >= MAX_WAITING) {
        dropped += 1
        return
      }
      waiting.push(dropped === 0 ? event : withDropped(event, dropped))
      dropped = 0
      writing ??= drain()
    },
    close: async () => {
      await writing
    },
  }
}

function withDropped(event: AuditEvent, count: number): AuditEvent {
  const annotations = { ...event.annotations, 'podium.dev/dropped-before': String(count) }
  return { ...event, annotations }
}
