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

/** How far a chunked body reaches: the index after its end, or -1 while more is to come. */
function chunkedEnd(bytes, from) {
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return -1
    const size = Number.parseInt(bytes.latin1Slice(at, lineEnd), 16)
    at = lineEnd + 2 + size + 2
    if (at > bytes.length) return -1
    if (size === 0) return at
  }
}

function unchunked(bytes, from) {
  const parts = []
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.latin1Slice(at, lineEnd), 16)
    if (size === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}

/** What the head of an answer says: its status and how its body is delimited. */
function readHead(bytes, end) {
  const head = bytes.latin1Slice(0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  return {
    status: Number(head.slice(9, 12)),
    from: end + 4,
    end: length === undefined ? undefined : end + 4 + Number(length),
  }
}

/** One keep-alive connection with one request in flight. */
export class Connection {
  #socket
  #parts = []
  #bytes = 0
  #head
  #answered

  static open({ url, ca }) {
    return new Promise((resolve, reject) => {
      const options = { host: url.hostname, port: url.port || 443, ca, noDelay: true }
      const servername = /^[\d.]+$/.test(url.hostname) ? undefined : url.hostname
      const socket = tls.connect({ ...options, servername, rejectUnauthorized: ca !== undefined })
      const connection = new Connection(socket)
      socket.once('secureConnect', () => resolve(connection))
      socket.once('error', reject)
    })
  }

  constructor(socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', () => undefined)
  }

  /** Sends and answers `{ status, body }`; the body's bytes are whole and not looked at. */
  send(bytes) {
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#socket.once('close', reject)
      this.#socket.write(bytes)
    }).finally(() => this.#socket.removeAllListeners('close'))
  }

  /** Calls back for each answer: what a closed loop is made of. */
  sendThen(bytes, then) {
    this.#answered = then
    this.#socket.write(bytes)
  }

  #take(chunk) {
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    if (this.#head?.end > this.#bytes) return
    const all = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts)
    this.#parts = [all]
    const headEnd = this.#head ? 0 : all.indexOf(HEAD_END)
    if (headEnd < 0) return
    this.#head ??= readHead(all, headEnd)
    const { status, from, end } = this.#head
    const reached = end ?? chunkedEnd(all, from)
    if (reached < 0 || reached > this.#bytes) return
    this.#parts = []
    this.#bytes = 0
    this.#head = undefined
    const answered = this.#answered
    answered({
      status,
      body: () => (end === undefined ? unchunked(all, from) : all.subarray(from, end)),
    })
  }

  close() {
    this.#socket.destroy()
  }
}

/** Asks once and answers the parsed body. Throws for any status but 2xx. */
export async function ask(target, method, path, body, type) {
  target.asking ??= await Connection.open(target)
  const answer = await target.asking.send(requestBytes(target, method, path, body, type))
  const text = answer.body().toString()
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
