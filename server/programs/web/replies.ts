// The bytes of every answer, made once a second (for its Date) and repeated for as many requests as come.
import { STATUS_CODES } from 'node:http'
import { Repetition } from '../http/repetition.ts'
import type { Request } from './request.ts'

/** Who answers; part of every answer. */
export interface Identity {
  pod: string
  version: string
}

interface Content {
  status: number
  type: string
  body: string
  /** Further header lines, each with its line end. */
  fields?: string
}

const COLOURS: Record<string, string> = { v1: '#326ce5', v2: '#f5a623', v3: '#d0021b' }

/** The page at `/`: small, and the same from every pod of a version. */
function pageOf(version: string): string {
  const colour = COLOURS[version] ?? '#444'
  const name = version.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return `<!doctype html><title>nginx ${name}</title><body style="background:${colour}"><h1>${name}</h1>\n`
}

function connectionField(request: { minor: number } | null, last: boolean): string {
  if (last) return 'Connection: close\r\n'
  return request?.minor === 0 ? 'Connection: keep-alive\r\n' : ''
}

/** Makes and keeps the answers of one server. */
export class Replies {
  private readonly fields: string
  private readonly page: Content
  private date = ''
  private readonly pages = new Map<string, Repetition>()

  constructor({ pod, version }: Identity) {
    // Header values come from names that Kubernetes has checked, or from a command line that nothing has.
    const clean = (text: string): string => text.replace(/[^\x21-\x7e]/g, '_')
    this.fields = `X-Pod: ${clean(pod)}\r\nX-Version: ${clean(version)}\r\n`
    this.page = { status: 200, type: 'text/html', body: pageOf(version) }
    this.refresh(new Date())
  }

  /** Answers carry the time (RFC 9110, section 6.6.1): to be called every second. */
  refresh(now: Date): void {
    const date = now.toUTCString()
    if (date === this.date) return
    this.date = date
    this.pages.clear()
  }

  /** The page, as often as it is wanted. */
  pageFor(request: Request, last: boolean): Repetition {
    const key = `${request.method}${request.minor}${last}`
    let page = this.pages.get(key)
    if (page === undefined) {
      page = new Repetition(this.build(this.page, request, last))
      this.pages.set(key, page)
    }
    return page
  }

  /** One answer; a null request is one that was not understood. */
  build(content: Content, request: Request | null, last: boolean): Buffer {
    const { status, type, body, fields = '' } = content
    const head =
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nServer: podium\r\nDate: ${this.date}\r\n` +
      `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `${this.fields}${fields}${connectionField(request, last)}\r\n`
    return Buffer.from(request?.method === 'HEAD' ? head : head + body)
  }

  /** A plain answer that consists of its status. */
  status(status: number, request: Request | null, last: boolean, fields = ''): Buffer {
    const body = `${status} ${STATUS_CODES[status] ?? ''}\n`
    return this.build({ status, type: 'text/plain', body, fields }, request, last)
  }
}
