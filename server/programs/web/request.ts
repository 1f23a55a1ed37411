// The head of a request: which resource, and what happens to the connection (RFC 9112, sections 3 and 9).
import { framingOf, listOf, parseFields, type Fields, type Framing } from '../http/fields.ts'
import { MAX_BODY_BYTES } from '../http/limits.ts'

const REQUEST_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +(\/[\x21-\x7e]*|\*|https?:\/\/[\x21-\x7e]+) +HTTP\/([0-9])\.([0-9])$/

/** The methods this server knows by name; it allows GET and HEAD of them. */
const METHODS = new Set(
  'GET HEAD POST PUT DELETE OPTIONS TRACE PATCH CONNECT COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK PURGE'.split(
    ' ',
  ),
)

/** One request, as far as its answer depends on it. Equal heads give the same object. */
export interface Request {
  method: string
  /** The resource without query and, in absolute form, without scheme and authority. */
  path: string
  /** As it was sent. */
  target: string
  /** 0 or 1, of HTTP/1.x */
  minor: number
  /** What the client asked for; the server may still close. */
  keepAlive: boolean
  framing: Framing
  /** It waits for `100 Continue` before it sends its body. */
  expectsContinue: boolean
}

/** The status of a request that cannot be understood; the connection closes after it. */
export type Refusal = 400 | 413 | 417 | 431 | 501 | 505

function pathOf(target: string): string {
  const rest = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '')
  const path = rest.split(/[?#]/, 1)[0] ?? ''
  return path === '' ? '/' : path
}

function keepsAlive(fields: Fields, minor: number): boolean {
  const options = listOf(fields, 'connection')
  if (options.includes('close')) return false
  return minor === 1 || options.includes('keep-alive')
}

/** Reads the head of a request, without the empty line that ends it. */
export function parseRequest(head: string): Request | Refusal {
  const lines = head.split('\r\n')
  const start = REQUEST_LINE.exec(lines[0] ?? '')
  if (start === null) return 400
  const [, method = '', target = '', major, minor] = start
  if (major !== '1' || (minor !== '0' && minor !== '1')) return 505
  if (!METHODS.has(method)) return 501
  const fields = parseFields(lines.slice(1))
  if (fields === null) return 400
  const framing = framingOf(fields)
  if (framing === null) return 400
  // A 1.1 request names its host exactly once (RFC 9112, section 3.2).
  const hosts = fields.get('host')?.length ?? 0
  if (hosts > 1 || (hosts === 0 && minor === '1')) return 400
  if (framing.kind === 'length' && framing.length > MAX_BODY_BYTES) return 413
  const expectations = minor === '1' ? listOf(fields, 'expect') : []
  if (expectations.some((expectation) => expectation !== '100-continue')) return 417
  return {
    method,
    path: pathOf(target),
    target,
    minor: Number(minor),
    keepAlive: method !== 'CONNECT' && keepsAlive(fields, Number(minor)),
    framing,
    expectsContinue: expectations.length > 0,
  }
}
