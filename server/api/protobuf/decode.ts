// Objects as Go clients send them by default: `k8s\0`, an envelope, and the object in protocol buffers
// (apimachinery/pkg/runtime/serializer/protobuf). They are turned into the JSON they stand for; answers are JSON.
import { badRequest, unsupportedMediaType } from '../../../shared/status.ts'
import type { JsonObject } from '../values.ts'
import { malformed, readFields, readVarint } from './reader.ts'
import { protoMessage, type ProtoField, type ProtoMessage } from './types.ts'

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf'

const MAGIC = Buffer.from('k8s\0')
const MAX_DEPTH = 64

/**
 * The object in `body`, as JSON would have it.
 * @throws ApiError 400 for bytes that are none, 415 for kinds that are not known in this format.
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    )
  }
  const { apiVersion, kind, raw } = openEnvelope(body.subarray(MAGIC.length))
  const message = protoMessage(kind)
  if (!message) throw unsupportedMediaType(`${kind} is not accepted as ${PROTOBUF_TYPE}`)
  return { apiVersion, kind, ...decodeMessage(raw, message, 0) }
}

/** runtime.Unknown: what is inside, and the bytes of it. */
function openEnvelope(bytes: Buffer): { apiVersion: string; kind: string; raw: Buffer } {
  const envelope: { apiVersion: string; kind: string; raw: Buffer } = {
    apiVersion: '',
    kind: '',
    raw: Buffer.alloc(0),
  }
  for (const { number, value } of readFields(bytes)) {
    if (!Buffer.isBuffer(value)) continue
    if (number === 2) envelope.raw = value
    if (number !== 1) continue
    for (const part of readFields(value)) {
      if (!Buffer.isBuffer(part.value)) throw malformed()
      if (part.number === 1) envelope.apiVersion = part.value.toString('utf8')
      if (part.number === 2) envelope.kind = part.value.toString('utf8')
    }
  }
  return envelope
}

function decodeMessage(bytes: Buffer, message: ProtoMessage, depth: number): JsonObject {
  if (depth > MAX_DEPTH) throw badRequest(`the object is nested deeper than ${MAX_DEPTH} levels`)
  const object: JsonObject = {}
  for (const { number, value } of readFields(bytes)) {
    const field = message.get(number)
    if (field) decodeField(object, field, value, depth)
  }
  return object
}

function decodeField(
  object: JsonObject,
  field: ProtoField,
  value: bigint | Buffer,
  depth: number,
): void {
  const { name, shape, type } = field
  if (name === undefined) {
    Object.assign(object, decodeValue(type, value, depth))
  } else if (shape === 'list') {
    const list = (object[name] ??= []) as unknown[]
    list.push(...decodeItems(type, value, depth))
  } else if (shape === 'map') {
    const [key, item] = decodeEntry(type, value, depth)
    if (key === '__proto__') throw badRequest('the field name "__proto__" is not supported')
    const map = (object[name] ??= {}) as JsonObject
    map[key] = item
  } else {
    const decoded = decodeValue(type, value, depth)
    if (decoded !== undefined && (field.keepZero || !isZero(decoded))) object[name] = decoded
  }
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false
}

/** Lists of numbers may be packed into one field. */
function decodeItems(type: string, value: bigint | Buffer, depth: number): unknown[] {
  if ((type !== 'int' && type !== 'bool') || !Buffer.isBuffer(value)) {
    return [decodeValue(type, value, depth)]
  }
  const items: unknown[] = []
  for (let at = 0; at < value.length;) {
    const item = readVarint(value, at)
    items.push(decodeValue(type, item.value, depth))
    at = item.next
  }
  return items
}

function decodeEntry(type: string, value: bigint | Buffer, depth: number): [string, unknown] {
  let key = ''
  let item: unknown = type === 'string' || type === 'bytes' ? '' : {}
  if (!Buffer.isBuffer(value)) throw malformed()
  for (const part of readFields(value)) {
    if (part.number === 1) key = textOf(part.value)
    if (part.number === 2) item = decodeValue(type, part.value, depth)
  }
  return [key, item]
}

function decodeValue(type: string, value: bigint | Buffer, depth: number): unknown {
  switch (type) {
    case 'string':
      return textOf(value)
    case 'int':
      return Number(BigInt.asIntN(64, integerOf(value)))
    case 'bool':
      return integerOf(value) !== 0n
    case 'bytes':
      return bytesOf(value).toString('base64')
    case 'double':
      return bytesOf(value).readDoubleLE(0)
    case 'Time':
    case 'MicroTime':
      return timeOf(bytesOf(value), type === 'MicroTime')
    case 'Quantity':
      return textField(bytesOf(value))
    case 'IntOrString':
      return intOrString(bytesOf(value))
    default: {
      const message = protoMessage(type)
      return message && decodeMessage(bytesOf(value), message, depth + 1)
    }
  }
}

function integerOf(value: bigint | Buffer): bigint {
  if (Buffer.isBuffer(value)) throw malformed()
  return value
}

function bytesOf(value: bigint | Buffer): Buffer {
  if (!Buffer.isBuffer(value)) throw malformed()
  return value
}

function textOf(value: bigint | Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(value))
  } catch {
    throw malformed()
  }
}

/** Seconds and nanoseconds since the epoch; nothing at all is no time. */
function timeOf(bytes: Buffer, micro: boolean): string | undefined {
  if (bytes.length === 0) return undefined
  let seconds = 0
  let nanos = 0
  for (const { number, value } of readFields(bytes)) {
    const part = Number(BigInt.asIntN(64, integerOf(value)))
    if (number === 1) seconds = part
    if (number === 2) nanos = part
  }
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw malformed()
  const whole = date.toISOString().slice(0, 19)
  return micro ? `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`
}

function textField(bytes: Buffer): string {
  for (const { number, value } of readFields(bytes)) if (number === 1) return textOf(value)
  return '0'
}

function intOrString(bytes: Buffer): number | string {
  let isText = false
  let whole = 0
  let text = ''
  for (const { number, value } of readFields(bytes)) {
    if (number === 1) isText = integerOf(value) === 1n
    if (number === 2) whole = Number(BigInt.asIntN(64, integerOf(value)))
    if (number === 3) text = textOf(value)
  }
  return isText ? text : whole
}
