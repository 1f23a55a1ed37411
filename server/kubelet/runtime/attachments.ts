// Who else looks at what a container writes, besides its log, and who holds its input (kubectl attach).
import { PassThrough } from 'node:stream'
import type { RemoteProcess } from '../../../shared/operation.ts'
import type { LogStream } from './log-line.ts'
import { written } from './session.ts'
import type { SpawnedProcess } from './spawner.ts'

type Watcher = Record<LogStream, PassThrough>

/** At most so much is kept for the first one who attaches. */
const MAX_EARLY_BYTES = 64 * 1024

export class Attachments {
  readonly #watchers = new Set<Watcher>()
  /** What was written before anybody attached; undefined when it is not kept, or was handed on. */
  #early: { name: LogStream; chunk: Buffer }[] | undefined

  /**
   * @param awaited a container with an input waits for somebody. What it says meanwhile, its prompt above all, is
   * theirs too; a kubelet loses it, which is why `kubectl run -i` sometimes shows only the end of what was said.
   */
  constructor(awaited: boolean) {
    this.#early = awaited ? [] : undefined
  }

  /** Hands on what the container wrote. A promise means: somebody is slow, wait until it resolves. */
  write(name: LogStream, chunk: Buffer): Promise<unknown> | undefined {
    this.#keep(name, chunk)
    const slow = [...this.#watchers]
      .map((watcher) => watcher[name])
      .filter((to) => !to.write(chunk))
    if (slow.length === 0) return undefined
    return Promise.all(slow.map(drained))
  }

  #keep(name: LogStream, chunk: Buffer): void {
    if (!this.#early) return
    this.#early.push({ name, chunk })
    let bytes = this.#early.reduce((sum, kept) => sum + kept.chunk.length, 0)
    while (bytes > MAX_EARLY_BYTES) bytes -= this.#early.shift()?.chunk.length ?? bytes
  }

  /** The container has written its last. */
  end(): void {
    for (const { stdout, stderr } of this.#watchers) {
      stdout.end()
      stderr.end()
    }
    this.#watchers.clear()
  }

  /**
   * Joins a container's process.
   * @param once its input ends with the first one that attached to it (stdinOnce).
   */
  join(
    child: SpawnedProcess,
    ended: Promise<number>,
    { stdin, once }: { stdin: boolean; once: boolean },
  ): RemoteProcess {
    const watcher: Watcher = { stdout: new PassThrough(), stderr: new PassThrough() }
    for (const { name, chunk } of this.#early ?? []) watcher[name].write(chunk)
    this.#early = undefined
    this.#watchers.add(watcher)
    const endInput = (): void => {
      if (stdin && once) child.stdin?.end()
    }
    return {
      ...watcher,
      ended,
      write: (bytes) => (stdin ? written(child.stdin, bytes) : Promise.resolve()),
      endInput,
      resize: (size) => child.resize(size),
      close: () => {
        this.#watchers.delete(watcher)
        watcher.stdout.destroy()
        watcher.stderr.destroy()
        endInput()
      },
    }
  }
}

function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve).once('close', resolve)
  })
}
