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
  const bytes = Buffer.from(JSON.stringify(value))
  known.set(value, bytes)
  return bytes
}
