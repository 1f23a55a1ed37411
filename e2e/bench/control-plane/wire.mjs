// HTTP/1.1 over TLS with as little in the way as possible: what is measured should be the server, not the client.
import https from 'node:https'
import tls from 'node:tls'

const HEAD_END = Buffer.from('\r\n\r\n')

/** Bytes of a request that asks to keep the connection. */
export function requestBytes({ url, token }, method, path, body, type = 'application/json') {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const content = text
    ? `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`
    : ''
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${token}\r\naccept: application/json\r\n${content}\r\n${text}`,
  )
}

const READ_BYTES = 256 * 1024
const LINE_END = Buffer.from('\r\n')

/** What the head of an answer says: its status and how its body is delimited. */
function readHead(head) {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  return {
    status: Number(head.slice(9, 12)),
    length: length === undefined ? undefined : Number(length),
  }
}

/** Counts its way through a chunked body, each byte once, however it is cut. */
class Chunks {
  #line = ''
  /** Bytes of a chunk and of its line end still to come; -1: the line with the next size is. */
  #left = -1

  /** @returns where the body ends in `bytes`, or -1; `take` is handed what belongs to it */
  end(bytes, from, take) {
    for (let at = from; at < bytes.length;) {
      if (this.#left < 0) {
        const lineEnd = bytes.indexOf(10, at)
        this.#line += bytes.latin1Slice(at, lineEnd < 0 ? bytes.length : lineEnd)
        if (lineEnd < 0) return -1
        const size = Number.parseInt(this.#line, 16)
        this.#line = ''
        this.#left = size + LINE_END.length
        if (size === 0) this.last = true
        at = lineEnd + 1
      }
      const end = Math.min(bytes.length, at + this.#left)
      if (!this.last && this.#left > LINE_END.length) {
        take?.(bytes.subarray(at, Math.min(end, at + this.#left - LINE_END.length)))
      }
      this.#left -= end - at
      at = end
      if (this.#left > 0) return -1
      if (this.last) return at
      this.#left = -1
    }
    return -1
  }
}

/** One keep-alive connection with one request in flight. What is read goes into one buffer; bodies are kept for who asks. */
export class Connection {
  #socket
  #head
  /** Pieces of the head that have come. */
  #begun = Buffer.alloc(0)
  #got = 0
  #chunks
  #answered
  #kept

  static open({ url, ca }) {
    return new Promise((resolve, reject) => {
      const connection = new Connection()
      const onread = {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (size, buffer) => {
          connection.#take(buffer.subarray(0, size))
          return true
        },
      }
      const options = { host: url.hostname, port: url.port || 443, ca, noDelay: true, onread }
      const servername = /^[\d.]+$/.test(url.hostname) ? undefined : url.hostname
      const socket = tls.connect({ ...options, servername, rejectUnauthorized: ca !== undefined })
      connection.#socket = socket
      socket.once('secureConnect', () => resolve(connection))
      socket.once('error', reject)
      socket.on('error', () => undefined)
    })
  }

  /** Sends and answers `{ status, body }` with the body's bytes. */
  send(bytes) {
    return new Promise((resolve, reject) => {
      this.#kept = []
      this.#answered = ({ status }) => {
        const body = Buffer.concat(this.#kept)
        this.#kept = undefined
        resolve({ status, body })
      }
      this.#socket.once('close', reject)
      this.#socket.write(bytes)
    }).finally(() => this.#socket.removeAllListeners('close'))
  }

  /** Calls back for each answer: what a closed loop is made of. Its body is received whole and dropped. */
  sendThen(bytes, then) {
    this.#answered = then
    this.#socket.write(bytes)
  }

  #take(bytes) {
    if (this.#head) return this.#takeBody(bytes, 0)
    const all = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes])
    const end = all.indexOf(HEAD_END)
    if (end < 0) {
      this.#begun = Buffer.from(all)
      return
    }
    this.#begun = Buffer.alloc(0)
    this.#head = readHead(all.latin1Slice(0, end))
    this.#got = 0
    this.#chunks = this.#head.length === undefined ? new Chunks() : undefined
    this.#takeBody(all, end + HEAD_END.length)
  }

  #takeBody(bytes, from) {
    // The buffer is read into again: what is kept is copied.
    const keep = this.#kept && ((piece) => this.#kept.push(Buffer.from(piece)))
    if (this.#chunks) {
      if (this.#chunks.end(bytes, from, keep) >= 0) this.#done()
      return
    }
    this.#got += bytes.length - from
    keep?.(bytes.subarray(from))
    if (this.#got >= this.#head.length) this.#done()
  }

  #done() {
    const { status } = this.#head
    this.#head = undefined
    this.#answered({ status })
  }

  close() {
    this.#socket.destroy()
  }
}

/** Asks once and answers the parsed body. Throws for any status but 2xx. */
export async function ask(target, method, path, body, type) {
  target.asking ??= await Connection.open(target)
  const answer = await target.asking.send(requestBytes(target, method, path, body, type))
  const text = answer.body.toString()
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text)
}

/** Follows a watch line by line; resolves once the server has answered, to the way to stop. */
export function follow({ url, ca, token }, path, onLine) {
  return new Promise((resolve, reject) => {
    const request = https.get(
      new URL(path, url),
      {
        ca,
        rejectUnauthorized: ca !== undefined,
        headers: { authorization: `Bearer ${token}` },
        agent: false,
      },
      (response) => {
        let rest = ''
        response.setEncoding('utf8').on('data', (text) => {
          const lines = (rest + text).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) onLine(line)
        })
        response.on('error', () => undefined)
        resolve(() => request.destroy())
      },
    )
    request.on('error', reject)
  })
}
