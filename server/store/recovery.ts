// From the files of a directory back to the entries: the newest snapshot, then the logs after it.
import { open, readdir, readFile, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { logName, revisionIn, snapshotName, UnreadableDirectoryError } from './files.ts'
import { framesIn, parseHeader, parseRecord } from './frames.ts'
import type { FileRecord } from './frames.ts'
import { createLog } from './log-writer.ts'
import type { MemoryStoreOptions } from './memory-store.ts'
import { MemoryStore } from './memory-store.ts'
import { readSnapshot } from './snapshot.ts'

export interface Recovered {
  memory: MemoryStore
  /** Of the snapshot that was read; 0 without one. Files before it are superfluous. */
  snapshotRevision: number
  /** The newest log, open for appending, and its size in bytes. */
  log: FileHandle
  logBytes: number
  snapshotBytes: number
}

/** Reads the directory. Throws UnreadableDirectoryError when it holds something damaged or foreign under our names. */
export async function recover(
  directory: string,
  options: MemoryStoreOptions | undefined,
): Promise<Recovered> {
  const names = await readdir(directory)
  await removeAll(
    directory,
    names.filter((name) => /^snapshot-\d+\.tmp$/.test(name)),
  )
  const snapshotAt = Math.max(0, ...revisionsOf(names, 'snapshot'))
  const snapshot = names.includes(snapshotName(snapshotAt))
    ? await readSnapshot(directory, snapshotAt)
    : { entries: [], bytes: 0 }
  const memory = new MemoryStore(options, { revision: snapshotAt, entries: snapshot.entries })
  const logs = revisionsOf(names, 'wal')
  let logBytes = 0
  for (const [index, revision] of logs.entries()) {
    logBytes = await replay(directory, revision, memory, index === logs.length - 1)
  }
  const newest = logs.at(-1)
  const log =
    newest !== undefined && logBytes > 0
      ? await openAt(path.join(directory, logName(newest)), logBytes)
      : await createLog(directory, memory.revision)
  return { memory, snapshotRevision: snapshotAt, log, logBytes, snapshotBytes: snapshot.bytes }
}

/** Removes the snapshots and logs that the snapshot at `revision` makes superfluous. */
export async function removeBefore(directory: string, revision: number): Promise<void> {
  const names = await readdir(directory)
  const snapshots = revisionsOf(names, 'snapshot').filter((at) => at < revision)
  const logs = revisionsOf(names, 'wal')
  // A log reaches up to where the next one begins.
  const covered = logs.filter((_, index) => (logs[index + 1] ?? Infinity) <= revision)
  await removeAll(directory, [...snapshots.map(snapshotName), ...covered.map(logName)])
}

function revisionsOf(names: readonly string[], kind: 'wal' | 'snapshot'): number[] {
  const revisions = names.map((name) => revisionIn(name, kind))
  return revisions.filter((revision) => revision !== undefined).sort((a, b) => a - b)
}

async function removeAll(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(path.join(directory, name), { force: true })
}

/** Applies the changes of one log that are not in `memory` yet; answers how many bytes of the file are good. */
async function replay(
  directory: string,
  revision: number,
  memory: MemoryStore,
  isLast: boolean,
): Promise<number> {
  const name = path.join(directory, logName(revision))
  const file = await readFile(name)
  let good = 0
  for (const { payload, end } of framesIn(file)) {
    if (good === 0) {
      const header = parseHeader(payload)
      if (header?.podium !== 'log' || header.revision !== revision) {
        throw new UnreadableDirectoryError(`${name} is not a log of Podium`)
      }
    } else applyRecord(name, parseRecord(payload), memory)
    good = end
  }
  // Only the end of the last log may be torn: an earlier one was synced before the next began. A header is one short write
  // at the beginning of an empty file, so a longer file without one is not a log that was being begun.
  const foreign = good === 0 && file.length > 512
  if (foreign || (!isLast && good !== file.length)) {
    throw new UnreadableDirectoryError(`${name} is damaged`)
  }
  return good
}

function applyRecord(file: string, record: FileRecord, memory: MemoryStore): void {
  const { key, revision, createRevision, value } = record
  if (revision <= memory.revision) return
  const prev = memory.get(key)
  if (revision !== memory.revision + 1 || (!value && !prev)) {
    throw new UnreadableDirectoryError(`${file} does not continue revision ${memory.revision}`)
  }
  const common = { key, revision, createRevision, prev }
  memory.apply(
    value ? { type: 'put', value, ...common } : { type: 'delete', value: prev!.value, ...common },
  )
}

async function openAt(name: string, bytes: number): Promise<FileHandle> {
  const file = await open(name, 'r+')
  await file.truncate(bytes)
  await file.datasync()
  await file.close()
  return open(name, 'a')
}
