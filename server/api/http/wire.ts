// The requests that most clients mostly send, read straight off the connection: HTTP/1.1, whole, nothing unusual about them.
// What is unusual in any way is not judged here but left to node's own parser, which then has the connection.
import type { IncomingHttpHeaders } from 'node:http'

/** A request that has arrived whole. */
export interface WholeRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A head is read again only when it differs from the one before: clients repeat theirs. */
export interface Fields {
  /** As they were sent, from the end of the request's line to the end of the empty one. */
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
  readonly contentLength: number
}

/** How far a request reaches; `incomplete`: there may be more to come; `unusual`: not for us. */
export type Reading =
  { request: WholeRequest; fields: Fields; end: number } | 'incomplete' | 'unusual'

const MAX_HEAD = 8 * 1024
const CARRIAGE_RETURN = 13
const END_OF_HEAD = Buffer.from('\r\n\r\n')
const REQUEST_LINE = /^(GET|POST|PUT|PATCH|DELETE) (\/[\x21-\x7e]*) HTTP\/1\.1$/
/** RFC 9110 5.1 and 5.5 without obsolete forms: tokens as names, printable ASCII as values. */
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x20-\x7e\t]*)$/
/** Fields that say how a message is framed or what becomes of the connection. */
const FRAMING: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'trailer',
  'te',
  'expect',
  'upgrade',
  'http2-settings',
  'proxy-connection',
])
const NO_BODY = Buffer.alloc(0)

/** Reads the request at the beginning of `bytes`. @param known the fields of the request before it */
export function readRequest(bytes: Buffer, known: Fields | undefined): Reading {
  const lineEnd = bytes.indexOf(CARRIAGE_RETURN)
  const isKnown = known !== undefined && lineEnd >= 0 && repeats(bytes, lineEnd, known.bytes)
  const end = isKnown ? lineEnd + known.bytes.length : headEndOf(bytes)
  if (end < 0) return bytes.length > MAX_HEAD ? 'unusual' : 'incomplete'
  if (end > MAX_HEAD + END_OF_HEAD.length) return 'unusual'
  const line = REQUEST_LINE.exec(bytes.toString('latin1', 0, lineEnd))
  if (!line) return 'unusual'
  const fields = isKnown ? known : readFields(Buffer.from(bytes.subarray(lineEnd, end)))
  if (!fields) return 'unusual'
  const bodyEnd = end + fields.contentLength
  if (bytes.length < bodyEnd) return 'incomplete'
  const body = fields.contentLength === 0 ? NO_BODY : bytes.subarray(end, bodyEnd)
  const [, method = '', url = ''] = line
  return { request: { method, url, headers: fields.headers, body }, fields, end: bodyEnd }
}

/** Whether `known` stands at `at`. */
function repeats(bytes: Buffer, at: number, known: Buffer): boolean {
  const end = at + known.length
  return end <= bytes.length && bytes.compare(known, 0, known.length, at, end) === 0
}

/** Where the head ends, its empty line included; -1 when it goes on. */
function headEndOf(bytes: Buffer): number {
  const at = bytes.indexOf(END_OF_HEAD)
  return at < 0 ? -1 : at + END_OF_HEAD.length
}

/** The fields by lower-case name; undefined when one of them is unusual, or comes twice. */
function readFields(bytes: Buffer): Fields | undefined {
  const headers: IncomingHttpHeaders = Object.create(null) as IncomingHttpHeaders
  const text = bytes.toString('latin1', 2, bytes.length - END_OF_HEAD.length)
  for (const line of text.split('\r\n')) {
    const [, given, value] = FIELD.exec(line) ?? []
    if (given === undefined || value === undefined) return undefined
    const name = given.toLowerCase()
    if (name in headers || FRAMING.has(name)) return undefined
    headers[name] = value.trimEnd()
  }
  const { connection, host } = headers
  if (!host || (connection !== undefined && connection.toLowerCase() !== 'keep-alive')) {
    return undefined
  }
  const length = headers['content-length'] ?? '0'
  if (!/^\d{1,7}$/.test(length)) return undefined
  return { bytes, headers, contentLength: Number(length) }
}
