// A value is serialized once: the log on disk, every get, every list and every watch send the same bytes.
import type { Value } from './store.ts'

const known = new WeakMap<Value, Buffer>()

/**
 * The JSON of an immutable value as UTF-8. Remembered for as long as the value lives, so asking again costs a lookup.
 * The buffer is shared: do not write into it.
 */
export function bytesOf(value: Value): Buffer {
  const held = known.get(value)
  if (held) return held
  const bytes = kept(JSON.stringify(value))
  known.set(value, bytes)
  return bytes
}

const SLAB_BYTES = 16 * 1024
/** Longer texts have memory of their own. */
const IN_SLAB_BYTES = SLAB_BYTES / 4

let slab = Buffer.alloc(0)
let used = 0

/**
 * The text's bytes among others that are kept. In node's own pool they would hold on to the answers and requests of their
 * time, which are many times as long.
 */
function kept(text: string): Buffer {
  const length = Buffer.byteLength(text)
  if (length > IN_SLAB_BYTES) {
    const own = Buffer.allocUnsafeSlow(length)
    own.write(text)
    return own
  }
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
    used = 0
  }
  const bytes = slab.subarray(used, used + length)
  bytes.write(text)
  used += length
  return bytes
}
