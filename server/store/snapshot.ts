// All entries at one revision in one file, so that the log before it can go.
import { open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { snapshotName, syncDirectory, UnreadableDirectoryError } from './files.ts'
import { bytesIn, framesIn, headerFrame, parseHeader, parseRecord, recordFrame } from './frames.ts'
import { writeFully } from './log-writer.ts'
import type { Entry } from './store.ts'

const CHUNK_BYTES = 1 << 20

/** Writes a snapshot; it has its name only once it is whole. Answers its size in bytes. */
export async function writeSnapshot(
  directory: string,
  revision: number,
  entries: readonly Entry[],
): Promise<number> {
  const name = path.join(directory, snapshotName(revision))
  const temporary = `${name}.tmp`
  const file = await open(temporary, 'w')
  let bytes = 0
  try {
    for (const chunk of chunksOf(revision, entries)) {
      await writeFully(file, chunk)
      bytes += chunk.length
    }
    await file.datasync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(temporary, name)
  await syncDirectory(directory)
  return bytes
}

function* chunksOf(revision: number, entries: readonly Entry[]): Generator<Buffer> {
  let pieces = [...headerFrame({ podium: 'snapshot', format: 1, revision, count: entries.length })]
  let bytes = 0
  for (const entry of entries) {
    const frame = recordFrame(entry)
    pieces.push(...frame)
    bytes += bytesIn(frame)
    if (bytes < CHUNK_BYTES) continue
    yield Buffer.concat(pieces)
    pieces = []
    bytes = 0
  }
  yield Buffer.concat(pieces)
}

/** The entries of the snapshot at `revision`. Throws UnreadableDirectoryError when it is damaged. */
export async function readSnapshot(
  directory: string,
  revision: number,
): Promise<{ entries: Entry[]; bytes: number }> {
  const name = path.join(directory, snapshotName(revision))
  const file = await readFile(name)
  const entries: Entry[] = []
  let count: number | undefined
  for (const { payload } of framesIn(file)) {
    if (count === undefined) {
      const header = parseHeader(payload)
      if (header?.podium !== 'snapshot' || header.revision !== revision) break
      count = header.count
    } else entries.push(parseRecord(payload) as Entry)
  }
  if (count !== entries.length) throw new UnreadableDirectoryError(`${name} is damaged`)
  return { entries, bytes: file.length }
}
