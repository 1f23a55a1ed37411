// How records lie in a file: length, CRC-32 and payload, one after the other. A frame that is cut off or damaged is told
// from a good one, so a file that was being written when the power went can be read up to there.
import { crc32 } from 'node:zlib'
import { bytesOf } from './bytes.ts'
import type { Entry } from './store.ts'

const HEAD_BYTES = 8

/** What a file of the store begins with. `revision`: the changes after it (log), the entries at it (snapshot). */
export interface FileHeader {
  podium: 'log' | 'snapshot'
  format: 1
  revision: number
  /** Entries of a snapshot. */
  count?: number
}

/** One change in a log, one entry in a snapshot. A deletion has no value. */
export interface FileRecord extends Omit<Entry, 'value'> {
  value: object | undefined
}

/** A frame in two pieces, so that a value's bytes are copied only once, into the group that is written together. */
export type Frame = readonly [head: Buffer, body: Buffer]

const NOTHING = Buffer.alloc(0)

function frameOf(line: string, body: Buffer): Frame {
  const lineBytes = Buffer.byteLength(line)
  const head = Buffer.allocUnsafe(HEAD_BYTES + lineBytes)
  head.write(line, HEAD_BYTES)
  head.writeUInt32LE(lineBytes + body.length, 0)
  head.writeUInt32LE(crc32(body, crc32(head.subarray(HEAD_BYTES))), 4)
  return [head, body]
}

export function headerFrame(header: FileHeader): Frame {
  return frameOf(JSON.stringify(header), NOTHING)
}

/** A line that names the entry, then its value as it goes over the wire too. */
export function recordFrame({ key, revision, createRevision, value }: FileRecord): Frame {
  const line = `${JSON.stringify([revision, createRevision, key])}\n`
  return frameOf(line, value ? bytesOf(value) : NOTHING)
}

/** Length in the file, bytes. */
export const bytesIn = ([head, body]: Frame): number => head.length + body.length

/** Payloads of a file's frames in order; ends at the first that is cut off or damaged. */
export function* framesIn(file: Buffer): Generator<{ payload: Buffer; end: number }> {
  let at = 0
  while (at + HEAD_BYTES <= file.length) {
    const end = at + HEAD_BYTES + file.readUInt32LE(at)
    if (end > file.length) return
    const payload = file.subarray(at + HEAD_BYTES, end)
    if (crc32(payload) !== file.readUInt32LE(at + 4)) return
    yield { payload, end }
    at = end
  }
}

/** The header a payload is, or undefined when it is something else. */
export function parseHeader(payload: Buffer): FileHeader | undefined {
  try {
    const header = JSON.parse(payload.toString()) as FileHeader
    return header.format === 1 && Number.isInteger(header.revision) ? header : undefined
  } catch {
    return undefined
  }
}

/** Throws when the payload, though whole, is not a record. */
export function parseRecord(payload: Buffer): FileRecord {
  const lineEnd = payload.indexOf(10)
  const line = JSON.parse(payload.toString('utf8', 0, lineEnd)) as [number, number, string]
  const [revision, createRevision, key] = line
  const body = lineEnd + 1 < payload.length ? payload.toString('utf8', lineEnd + 1) : undefined
  return { key, revision, createRevision, value: body ? (JSON.parse(body) as object) : undefined }
}
