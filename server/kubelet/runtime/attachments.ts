// Who else looks at what a container writes, besides its log, and who holds its input (kubectl attach).
import { PassThrough } from 'node:stream'
import type { RemoteProcess } from '../../../shared/operation.ts'
import type { LogStream } from './log-line.ts'
import { written } from './session.ts'
import type { SpawnedProcess } from './spawner.ts'

type Watcher = Record<LogStream, PassThrough>

export class Attachments {
  readonly #watchers = new Set<Watcher>()

  /** Hands on what the container wrote. A promise means: somebody is slow, wait until it resolves. */
  write(name: LogStream, chunk: Buffer): Promise<unknown> | undefined {
    const slow = [...this.#watchers]
      .map((watcher) => watcher[name])
      .filter((to) => !to.write(chunk))
    if (slow.length === 0) return undefined
    return Promise.all(slow.map(drained))
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
