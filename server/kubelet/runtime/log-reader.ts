// Reads a container's log as `kubectl logs` asks for it, a block at a time: memory does not grow with the log.
import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import type { LogRequest } from '../../../shared/operation.ts'
import type { LiveLog } from './log-book.ts'
import { rotatedPath } from './log-book.ts'
import { parseRecord } from './log-line.ts'

const BLOCK_BYTES = 64 * 1024
const NEWLINE = 10

export type LogSelection = Pick<
  LogRequest,
  'follow' | 'timestamps' | 'tailLines' | 'sinceSeconds' | 'sinceTime' | 'limitBytes' | 'signal'
>

/** A place in a log that may consist of an older (rotated) and a newer file. */
interface Place {
  file: 'older' | 'newer'
  offset: number
}

/**
 * The bytes that `kubectl logs` prints for the log at `path`.
 * @param live the log's writer while the container runs: `follow` ends when it ends.
 * @param now ms since the epoch, for `sinceSeconds`.
 */
export async function* readLog(
  path: string,
  selection: LogSelection,
  live: LiveLog | undefined,
  now: number,
): AsyncGenerator<Uint8Array> {
  const place = await startingPlace(path, selection.tailLines)
  const since = sinceStamp(selection, now)
  let left = selection.limitBytes ?? Infinity
  for await (const line of storedLines(path, place, selection, live)) {
    const record = parseRecord(line)
    if (!record || record.stamp < since) continue
    const text = record.whole ? Buffer.concat([record.text, Buffer.from('\n')]) : record.text
    const out = selection.timestamps
      ? Buffer.concat([Buffer.from(`${record.stamp} `), text])
      : Buffer.from(text)
    yield out.length > left ? out.subarray(0, left) : out
    left -= out.length
    if (left <= 0 || selection.signal?.aborted) return
  }
}

/** The last lines of a log as text, at most `maxBytes`: for terminationMessagePolicy FallbackToLogsOnError. */
export async function tailOfLog(path: string, lines: number, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of readLog(path, { tailLines: lines }, undefined, 0)) {
    pieces.push(piece)
    if (pieces.length > lines) pieces.shift()
  }
  const whole = Buffer.concat(pieces)
  return whole.subarray(Math.max(0, whole.length - maxBytes)).toString('utf8')
}

/** Stamps are ISO texts of one length, so they compare as texts. */
function sinceStamp({ sinceSeconds, sinceTime }: LogSelection, now: number): string {
  if (sinceSeconds !== undefined) return new Date(now - sinceSeconds * 1000).toISOString()
  const time = Date.parse(sinceTime ?? '')
  return Number.isFinite(time) ? new Date(time).toISOString() : ''
}

async function* storedLines(
  path: string,
  place: Place,
  { follow, signal }: LogSelection,
  live: LiveLog | undefined,
): AsyncGenerator<Buffer> {
  if (place.file === 'older') {
    yield* linesOfFile(await openIfThere(rotatedPath(path)), place.offset, noMore)
  }
  const offset = place.file === 'newer' ? place.offset : 0
  if (!follow || !live) {
    yield* linesOfFile(await openIfThere(path), offset, noMore)
    return
  }
  yield* followedLines(path, offset, live, signal)
}

const noMore = (): Promise<boolean> => Promise.resolve(false)

/** Follows through rotations: an open file is read to its end, then the file that took its name. */
async function* followedLines(
  path: string,
  firstOffset: number,
  live: LiveLog,
  signal: LogSelection['signal'],
): AsyncGenerator<Buffer> {
  const aborted = new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })
  let offset = firstOffset
  // Everything up to version `seen` has been read whenever a read comes to the end of the file.
  let seen = live.version
  for (;;) {
    if (signal?.aborted) return
    const file = await openIfThere(path)
    const inode = file && (await file.stat()).ino
    const more = async (): Promise<boolean> => {
      if (signal?.aborted) return false
      if (live.version === seen) {
        if (live.ended || (await inodeOf(path)) !== inode) return false
        await Promise.race([live.changedSince(seen), aborted])
      }
      seen = live.version
      return true
    }
    if (file) yield* linesOfFile(file, offset, more)
    else if (!(await more())) return
    if (live.ended && (await inodeOf(path)) === inode) return
    offset = 0
  }
}

/** Lines from `offset`; at the end of the file asks `more`, and reads on when told so. Closes the file. */
async function* linesOfFile(
  file: FileHandle | undefined,
  from: number,
  more: () => Promise<boolean>,
): AsyncGenerator<Buffer> {
  if (!file) return
  try {
    let offset = from
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES)
      const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, offset)
      if (bytesRead === 0) {
        if (!(await more())) return
        continue
      }
      offset += bytesRead
      const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)])
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        yield bytes.subarray(start, end)
        start = end + 1
      }
      rest = Buffer.from(bytes.subarray(start))
    }
  } finally {
    await file.close()
  }
}

/** Where the last `tailLines` lines begin; the very beginning when no tail is asked for. */
async function startingPlace(path: string, tailLines: number | undefined): Promise<Place> {
  if (tailLines === undefined) return { file: 'older', offset: 0 }
  const newer = await tailOffset(path, tailLines)
  if (newer.missing === 0) return { file: 'newer', offset: newer.offset }
  const older = await tailOffset(rotatedPath(path), newer.missing)
  return { file: 'older', offset: older.offset }
}

/** Reads backwards until `lines` line feeds are found; `missing` says how many lines were not there. */
async function tailOffset(
  path: string,
  lines: number,
): Promise<{ offset: number; missing: number }> {
  const file = await openIfThere(path)
  if (!file) return { offset: 0, missing: lines }
  try {
    const { size } = await file.stat()
    if (lines === 0) return { offset: size, missing: 0 }
    let found = -1 // The line feed that ends the last line does not begin one.
    const block = Buffer.allocUnsafe(BLOCK_BYTES)
    for (let end = size; end > 0; end -= BLOCK_BYTES) {
      const start = Math.max(0, end - BLOCK_BYTES)
      const { bytesRead } = await file.read(block, 0, end - start, start)
      for (let i = bytesRead - 1; i >= 0; i--) {
        if (block[i] !== NEWLINE) continue
        found++
        if (found === lines) return { offset: start + i + 1, missing: 0 }
      }
    }
    return { offset: 0, missing: Math.max(0, lines - (found + 1)) }
  } finally {
    await file.close()
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(() => undefined)
}

async function inodeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  )
}
