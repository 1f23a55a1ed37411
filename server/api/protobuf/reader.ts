// Protocol buffers, the part of the encoding that Kubernetes uses (protobuf.dev/programming-guides/encoding).
import { badRequest } from '../../../shared/status.ts'

/** One field as it stands in the bytes: a number, or the bytes of a string, message or packed list. */
export interface WireField {
  number: number
  value: bigint | Buffer
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/**
 * The fields of a message, in the order in which they were written.
 * @throws ApiError 400 when the bytes are not a message.
 */
export function* readFields(bytes: Buffer): Generator<WireField> {
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    const number = Number(tag.value >> 3n)
    const field = readValue(bytes, tag.next, Number(tag.value & 7n))
    at = field.next
    yield { number, value: field.value }
  }
}

function readValue(
  bytes: Buffer,
  at: number,
  type: number,
): { value: bigint | Buffer; next: number } {
  switch (type) {
    case VARINT:
      return readVarint(bytes, at)
    case FIXED64:
      return readBytes(bytes, at, 8)
    case FIXED32:
      return readBytes(bytes, at, 4)
    case BYTES: {
      const length = readVarint(bytes, at)
      return readBytes(bytes, length.next, Number(length.value))
    }
    default:
      throw malformed()
  }
}

function readBytes(bytes: Buffer, at: number, length: number): { value: Buffer; next: number } {
  if (at + length > bytes.length) throw malformed()
  return { value: bytes.subarray(at, at + length), next: at + length }
}

/** At most ten bytes of seven bits, the lowest first. */
export function readVarint(bytes: Buffer, start: number): { value: bigint; next: number } {
  let value = 0n
  for (let at = start; at < start + 10; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) throw malformed()
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start))
    if (byte < 0x80) return { value, next: at + 1 }
  }
  throw malformed()
}

export function malformed() {
  return badRequest('the body of the request is not a valid protobuf message')
}
