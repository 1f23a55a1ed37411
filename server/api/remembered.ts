// What one API has made already and will likely be asked for again. Everything here can be made anew; nothing grows without
// bound.
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { WatchEvent } from '../../shared/watch.ts'
import { parseResourcePath, type ResourcePath } from './http/paths.ts'
import type { Strategy } from './kinds/strategy.ts'

/** Bytes made of objects, those asked for least recently forgotten first: at most about twice `limit` bytes are kept. */
export class BytesMade {
  readonly #limit: number
  #recent = new Map<KubeObject, Buffer>()
  #older = new Map<KubeObject, Buffer>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The bytes of `object` if they have been made. */
  known(object: KubeObject): Buffer | undefined {
    return this.#recent.get(object) ?? this.#older.get(object)
  }

  /** The bytes of `object`, by `make` when they are not here. Objects are immutable, so identity is enough. */
  of(object: KubeObject, make: () => Buffer): Buffer {
    const known = this.#recent.get(object)
    if (known) return known
    const bytes = this.#older.get(object) ?? make()
    this.#recent.set(object, bytes)
    this.#size += bytes.length
    if (this.#size > this.#limit) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#size = 0
    }
    return bytes
  }
}

const PATHS = 1000
const PATH_LENGTH = 256

/** Paths taken apart: clients come back to the same few. */
export class PathsRead {
  readonly #known = new Map<string, Readonly<ResourcePath>>()

  /** As parseResourcePath. */
  of(pathname: string): Readonly<ResourcePath> | undefined {
    const known = this.#known.get(pathname)
    if (known) return known
    const path = parseResourcePath(pathname)
    if (!path || pathname.length > PATH_LENGTH) return path
    if (this.#known.size >= PATHS) this.#known.clear()
    this.#known.set(pathname, path)
    return path
  }
}

const TOLD_BYTES = 8 * 1024 * 1024

export class Remembered {
  readonly paths = new PathsRead()
  /** Objects as they are told over the wire. */
  readonly told = new BytesMade(TOLD_BYTES)
  /** The lines of watch events of this turn. */
  readonly lines = new Map<KubeObject, Partial<Record<WatchEvent['type'], Buffer>>>()
  /** The end of the long list that was asked for last: whoever lists often mostly finds it unchanged. */
  tail: { strategy: Strategy; values: readonly KubeObject[]; bytes: Buffer } | undefined
}
