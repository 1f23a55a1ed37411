// Writes the logs of running containers to rotated files, and tells readers that follow when there is more.
import type { FileHandle } from 'node:fs/promises'
import { open, rename } from 'node:fs/promises'
import type { LogStream } from './log-line.ts'
import { LineCutter } from './log-line.ts'

/** When a log file is this large it becomes `<path>.1` and a new one begins (kubelet: containerLogMaxSize). */
const MAX_FILE_BYTES = 10 * 1024 * 1024
/** A container that writes faster than the disk is made to wait when this much is unwritten. */
const MAX_QUEUED_BYTES = 512 * 1024

/** The log of one running container. */
export class LiveLog {
  readonly path: string
  readonly #now: () => number
  readonly #maxFileBytes: number
  readonly #cutters = { stdout: new LineCutter('stdout'), stderr: new LineCutter('stderr') }
  #file: FileHandle | undefined
  #fileBytes = 0
  #queue: Buffer[] = []
  #queuedBytes = 0
  #writing: Promise<void> | undefined
  #waiting: (() => void)[] = []
  #ended = false
  #version = 0

  constructor(path: string, now: () => number, maxFileBytes: number) {
    this.path = path
    this.#now = now
    this.#maxFileBytes = maxFileBytes
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Takes what the container wrote. A promise means: pause the stream until it resolves. */
  write(stream: LogStream, chunk: Buffer): Promise<void> | undefined {
    this.#enqueue(this.#cutters[stream].push(chunk, this.#stamp()))
    return this.#queuedBytes > MAX_QUEUED_BYTES ? this.#writing : undefined
  }

  /** Resolves when the file holds everything; readers that follow then come to their end. */
  async end(): Promise<void> {
    this.#enqueue(this.#cutters.stdout.finish(this.#stamp()))
    this.#enqueue(this.#cutters.stderr.finish(this.#stamp()))
    await this.#writing
    await this.#file?.close()
    this.#ended = true
    this.#wake()
  }

  /** Moves with every write to the file and with its end. */
  get version(): number {
    return this.#version
  }

  /** Resolves when the version is no longer `version`. */
  changedSince(version: number): Promise<void> {
    if (this.#version !== version) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #stamp(): string {
    return new Date(this.#now()).toISOString()
  }

  #enqueue(records: Buffer[]): void {
    if (records.length === 0) return
    for (const record of records) {
      this.#queue.push(record)
      this.#queuedBytes += record.length
    }
    this.#writing ??= this.#drain()
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = Buffer.concat(this.#queue)
        this.#queue = []
        this.#queuedBytes = 0
        await this.#append(batch)
        this.#wake()
      }
    } catch {
      // The disk is full or the directory is gone: the container goes on, its log has a hole.
      this.#queue = []
      this.#queuedBytes = 0
    } finally {
      this.#writing = undefined
    }
  }

  async #append(batch: Buffer): Promise<void> {
    if (this.#file && this.#fileBytes + batch.length > this.#maxFileBytes) await this.#rotate()
    this.#file ??= await open(this.path, 'a')
    await this.#file.write(batch)
    this.#fileBytes += batch.length
  }

  async #rotate(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    this.#fileBytes = 0
    await rename(this.path, rotatedPath(this.path))
  }

  #wake(): void {
    this.#version++
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

/** Where the older half of a log is, once it has been rotated. */
export function rotatedPath(path: string): string {
  return `${path}.1`
}

/** The logs being written now, by path. */
export class LogBook {
  readonly #now: () => number
  readonly #maxFileBytes: number
  readonly #live = new Map<string, LiveLog>()

  constructor(now: () => number, maxFileBytes = MAX_FILE_BYTES) {
    this.#now = now
    this.#maxFileBytes = maxFileBytes
  }

  begin(path: string): LiveLog {
    const log = new LiveLog(path, this.#now, this.#maxFileBytes)
    this.#live.set(path, log)
    return log
  }

  /** The log at `path` while its container runs. */
  live(path: string): LiveLog | undefined {
    return this.#live.get(path)
  }

  async end(log: LiveLog): Promise<void> {
    await log.end()
    if (this.#live.get(log.path) === log) this.#live.delete(log.path)
  }
}
