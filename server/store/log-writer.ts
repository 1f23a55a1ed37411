// Appends frames to the log, many waiting writers to one write and one fdatasync (group commit).
import { fdatasync, write } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { Frame } from './frames.ts'
import { bytesIn, headerFrame } from './frames.ts'
import { logName, syncDirectory } from './files.ts'

interface Waiting {
  frame: Frame
  resolve: () => void
  reject: (error: unknown) => void
}

/** Everything after it goes to a new file, which holds the changes after `revision`. */
interface Turn extends Omit<Waiting, 'frame'> {
  revision: number
}

export class LogWriter {
  readonly #directory: string
  #file: FileHandle
  #bytes: number
  #queue: (Waiting | Turn)[] = []
  #flushing: Promise<void> | undefined
  #failure: Error | undefined

  constructor(directory: string, file: FileHandle, bytes: number) {
    this.#directory = directory
    this.#file = file
    this.#bytes = bytes
  }

  /** Bytes handed to the newest file. */
  get bytes(): number {
    return this.#bytes
  }

  /** Why nothing can be appended any more. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Resolves when the frame is on disk. After one failure every append fails: what is on disk is then unknown. */
  append(frame: Frame): Promise<void> {
    this.#bytes += bytesIn(frame)
    return this.#enqueue((settle) => ({ frame, ...settle }))
  }

  /** Begins a new file after what has been appended so far. */
  turn(revision: number): Promise<void> {
    this.#bytes = 0
    return this.#enqueue((settle) => ({ revision, ...settle }))
  }

  #enqueue(item: (settle: Omit<Waiting, 'frame'>) => Waiting | Turn): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    const written = new Promise<void>((resolve, reject) => {
      this.#queue.push(item({ resolve, reject }))
    })
    this.#flushing ??= this.#flush()
    return written
  }

  async #flush(): Promise<void> {
    // Whoever writes in the same turn joins the first group.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const queue = this.#queue
      this.#queue = []
      try {
        await this.#writeAll(queue)
      } catch (error) {
        this.#fail(error, queue)
      }
    }
    // In the same turn as the look at the queue: whoever comes next starts a new flush.
    this.#flushing = undefined
  }

  async #writeAll(queue: (Waiting | Turn)[]): Promise<void> {
    let group: Waiting[] = []
    for (const item of queue) {
      if ('frame' in item) {
        group.push(item)
        continue
      }
      await this.#writeGroup(group)
      group = []
      await this.#beginFile(item.revision)
      item.resolve()
    }
    await this.#writeGroup(group)
  }

  async #writeGroup(group: Waiting[]): Promise<void> {
    if (group.length === 0) return
    await writeAndSync(this.#file.fd, Buffer.concat(group.flatMap(({ frame }) => frame)))
    for (const { resolve } of group) resolve()
  }

  async #beginFile(revision: number): Promise<void> {
    const file = await createLog(this.#directory, revision)
    await this.#file.close()
    this.#file = file
  }

  #fail(error: unknown, queue: (Waiting | Turn)[]): void {
    this.#failure = new Error('the log cannot be written', { cause: error })
    for (const { reject } of [...queue, ...this.#queue]) reject(this.#failure)
    this.#queue = []
  }

  /** Resolves when everything appended is on disk and the file is closed. */
  async close(): Promise<void> {
    await this.#flushing
    await this.#file.close()
  }
}

/** Writes all of `bytes` at the end of the file and waits for the disk; callbacks, for this happens a thousand times a second. */
function writeAndSync(fd: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => (error ? reject(error) : resolve())
    const writeFrom = (at: number): void => {
      write(fd, bytes, at, bytes.length - at, null, (error, written) => {
        if (error) reject(error)
        else if (at + written < bytes.length) writeFrom(at + written)
        else fdatasync(fd, settle)
      })
    }
    writeFrom(0)
  })
}

/** Writes all of `bytes` at the end of the file. */
export async function writeFully(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
  }
}

/** A new log file for the changes after `revision`, certain to be there after a power failure. */
export async function createLog(directory: string, revision: number): Promise<FileHandle> {
  const file = await open(path.join(directory, logName(revision)), 'w')
  await writeFully(file, Buffer.concat(headerFrame({ podium: 'log', format: 1, revision })))
  await file.datasync()
  await syncDirectory(directory)
  return file
}
