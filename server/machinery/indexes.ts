// Which objects answer a value, kept up to date one object at a time.
import type { KubeObject } from '../../shared/kubernetes/meta.ts'

interface Bucket<T> {
  objects: Map<string, T>
  /** The objects as handed out, until one of them changes. */
  array: readonly T[] | undefined
}

interface Index<T> {
  valuesOf: (object: T) => readonly string[]
  buckets: Map<string, Bucket<T>>
}

/** Named indexes over the objects of one informer. */
export class Indexes<T extends KubeObject> {
  readonly #indexes = new Map<string, Index<T>>()

  /** Adds an index over `objects` (by key); a name already taken is left as it is. */
  add(name: string, valuesOf: (object: T) => readonly string[], objects: Map<string, T>): void {
    if (this.#indexes.has(name)) return
    const index: Index<T> = { valuesOf, buckets: new Map() }
    this.#indexes.set(name, index)
    for (const [key, object] of objects) put(index, key, object, valuesOf(object))
  }

  /** The objects that answer `value`. Throws for an index nobody added. */
  get(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name)
    if (!index) throw new Error(`no index ${name}`)
    const bucket = index.buckets.get(value)
    if (!bucket) return []
    bucket.array ??= [...bucket.objects.values()]
    return bucket.array
  }

  /** The object under `key` was `before` and is `now` (undefined: not there). */
  move(key: string, before: T | undefined, now: T | undefined): void {
    for (const index of this.#indexes.values()) {
      if (before && now) replace(index, key, before, now)
      else if (before) take(index, key, index.valuesOf(before))
      else if (now) put(index, key, now, index.valuesOf(now))
    }
  }
}

function put<T>(index: Index<T>, key: string, object: T, values: readonly string[]): void {
  for (const value of values) {
    let bucket = index.buckets.get(value)
    if (!bucket) index.buckets.set(value, (bucket = { objects: new Map(), array: undefined }))
    bucket.objects.set(key, object)
    bucket.array = undefined
  }
}

function take<T>(index: Index<T>, key: string, values: readonly string[]): void {
  for (const value of values) {
    const bucket = index.buckets.get(value)
    if (!bucket) continue
    bucket.objects.delete(key)
    bucket.array = undefined
    if (bucket.objects.size === 0) index.buckets.delete(value)
  }
}

/** Mostly an object answers the same values as before, and only takes its own place. */
function replace<T>(index: Index<T>, key: string, before: T, now: T): void {
  const [old, values] = [index.valuesOf(before), index.valuesOf(now)]
  const isSame = old.length === values.length && old.every((value, i) => value === values[i])
  if (!isSame) take(index, key, old)
  put(index, key, now, values)
}
