// The head of an answer (RFC 9112, sections 4 and 6.3).
import { framingOf, listOf, parseFields, type Framing } from '../http/fields.ts'

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: [\t\x20-\x7e\x80-\xff]*)?$/

export interface AnswerHead {
  status: number
  /** `close`: the body ends with the connection. */
  framing: Framing | { kind: 'close' }
  /** The server closes the connection after this answer. */
  last: boolean
  pod: string
  version: string
}

/** Reads the head of an answer to a GET, without the empty line that ends it; null when it is none. */
export function parseAnswer(head: string): AnswerHead | null {
  const lines = head.split('\r\n')
  const start = STATUS_LINE.exec(lines[0] ?? '')
  const fields = start === null ? null : parseFields(lines.slice(1))
  if (start === null || fields === null) return null
  const status = Number(start[2])
  const options = listOf(fields, 'connection')
  const framing = framingOf(fields)
  if (framing === null) return null
  const bodiless = status < 200 || status === 204 || status === 304
  const open = framing.kind === 'none' && !bodiless
  return {
    status,
    framing: bodiless ? { kind: 'none' } : open ? { kind: 'close' } : framing,
    last:
      open || options.includes('close') || (start[1] === '0' && !options.includes('keep-alive')),
    pod: fields.get('x-pod')?.[0] ?? '',
    version: fields.get('x-version')?.[0] ?? '',
  }
}
