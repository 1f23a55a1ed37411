// The revisioned log on disk: everything is read from memory, every change is appended to a log before it counts as written.
import { mkdir } from 'node:fs/promises'
import type { DirectoryLock } from './directory-lock.ts'
import { DirectoryInUseError, lockDirectory } from './directory-lock.ts'
import { UnreadableDirectoryError } from './files.ts'
import { recordFrame } from './frames.ts'
import { LogWriter } from './log-writer.ts'
import type { MemoryStore, MemoryStoreOptions } from './memory-store.ts'
import type { Recovered } from './recovery.ts'
import { recover, removeBefore } from './recovery.ts'
import { writeSnapshot } from './snapshot.ts'
import type { Change, Entry, Page, Store, StoreWatch, Write } from './store.ts'

export interface DurableStoreOptions extends MemoryStoreOptions {
  /** A snapshot is written when the log has grown by this, and by the size of the last snapshot. Default 16 MiB. */
  snapshotAfterBytes?: number
}

/**
 * Opens the store in `directory`, which is created when missing. Throws DirectoryInUseError when another process uses it,
 * UnreadableDirectoryError when it cannot be read as a store.
 */
export async function openDurableStore(
  directory: string,
  options: DurableStoreOptions = {},
): Promise<Store> {
  let lock: DirectoryLock | undefined
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    lock = await lockDirectory(directory)
    const recovered = await recover(directory, options)
    await removeBefore(directory, recovered.snapshotRevision)
    return new DurableStore(directory, lock, recovered, options.snapshotAfterBytes)
  } catch (error) {
    await lock?.release()
    if (error instanceof DirectoryInUseError || error instanceof UnreadableDirectoryError) {
      throw error
    }
    const why = error instanceof Error ? error.message : String(error)
    throw new UnreadableDirectoryError(`${directory} cannot be used: ${why}`, { cause: error })
  }
}

class DurableStore implements Store {
  readonly #directory: string
  readonly #lock: DirectoryLock
  readonly #memory: MemoryStore
  readonly #writer: LogWriter
  readonly #snapshotAfterBytes: number
  #snapshotBytes: number
  #snapshotting: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(
    directory: string,
    lock: DirectoryLock,
    { memory, log, logBytes, snapshotBytes }: Recovered,
    snapshotAfterBytes = 16 << 20,
  ) {
    this.#directory = directory
    this.#lock = lock
    this.#memory = memory
    this.#writer = new LogWriter(directory, log, logBytes)
    this.#snapshotBytes = snapshotBytes
    this.#snapshotAfterBytes = snapshotAfterBytes
  }

  get revision(): number {
    return this.#memory.revision
  }

  get compacted(): number {
    return this.#memory.compacted
  }

  get(key: string): Entry | undefined {
    return this.#memory.get(key)
  }

  list(prefix: string, options?: { after?: string; limit?: number; at?: number }): Page {
    return this.#memory.list(prefix, options)
  }

  async write(write: Write): Promise<Change> {
    if (this.#closing) throw new Error('the store is closed')
    if (this.#writer.failure) throw this.#writer.failure
    const change = this.#memory.plan(write)
    this.#memory.apply(change)
    const { type, key, value, revision, createRevision } = change
    const kept = type === 'put' ? value : undefined
    const durable = this.#writer.append(recordFrame({ key, revision, createRevision, value: kept }))
    this.#memory.deliver(change)
    this.#snapshotWhenGrown()
    await durable
    return change
  }

  watch(prefix: string, after: number, onChange: (change: Change) => void): StoreWatch {
    return this.#memory.watch(prefix, after, onChange)
  }

  compact(revision: number): void {
    this.#memory.compact(revision)
  }

  #snapshotWhenGrown(): void {
    const enough = Math.max(this.#snapshotAfterBytes, this.#snapshotBytes)
    if (this.#writer.bytes < enough || this.#snapshotting) return
    this.#snapshotting = this.#snapshot()
      // The log alone is complete: without the snapshot it only stays longer, and the next growth tries again.
      .catch(() => {})
      .finally(() => (this.#snapshotting = undefined))
  }

  async #snapshot(): Promise<void> {
    const { revision } = this
    const entries = this.#memory.entries()
    await this.#writer.turn(revision)
    this.#snapshotBytes = await writeSnapshot(this.#directory, revision, entries)
    await removeBefore(this.#directory, revision)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#memory.close()
    await this.#snapshotting
    await this.#writer.close()
    await this.#lock.release()
  }
}
