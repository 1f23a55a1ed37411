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
  readonly text: string
  readonly headers: IncomingHttpHeaders
  readonly contentLength: number
}

/** How far a request reaches; `incomplete`: there may be more to come; `unusual`: not for us. */
export type Reading =
  { request: WholeRequest; fields: Fields; end: number } | 'incomplete' | 'unusual'

const MAX_HEAD = 8 * 1024
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
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return bytes.length > MAX_HEAD ? 'unusual' : 'incomplete'
  if (headEnd > MAX_HEAD) return 'unusual'
  const head = bytes.toString('latin1', 0, headEnd)
  const lineEnd = head.indexOf('\r\n')
  const line = REQUEST_LINE.exec(lineEnd < 0 ? head : head.slice(0, lineEnd))
  if (!line) return 'unusual'
  const text = lineEnd < 0 ? '' : head.slice(lineEnd + 2)
  const fields = known?.text === text ? known : readFields(text)
  if (!fields) return 'unusual'
  const from = headEnd + 4
  const end = from + fields.contentLength
  if (bytes.length < end) return 'incomplete'
  const body = fields.contentLength === 0 ? NO_BODY : bytes.subarray(from, end)
  const [, method = '', url = ''] = line
  return { request: { method, url, headers: fields.headers, body }, fields, end }
}

/** The fields by lower-case name; undefined when one of them is unusual, or comes twice. */
function readFields(text: string): Fields | undefined {
  const headers: IncomingHttpHeaders = Object.create(null) as IncomingHttpHeaders
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
  return { text, headers, contentLength: Number(length) }
}
