// Answers that do not end, told over WebSockets: see STREAM_PROTOCOLS in shared/door.ts for why and how.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { STREAM_PROTOCOLS, TABLE_ACCEPT } from '../../shared/door.ts'
import type { StreamHead } from '../../shared/door.ts'
import { unavailable } from '../../shared/status.ts'
import type { Upstream } from './upstream.ts'

/** With more than this on its way to a slow browser, the API is not read; it bounds what waits there. */
const MAX_WAITING_BYTES = 1024 * 1024
/** Nothing is expected from the browser's side. */
const MAX_MESSAGE_BYTES = 1024

export interface StreamSockets {
  /** Takes a handshake that offers one of the stream protocols, and tells what GET `path` answers. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, path: string): void
  close(): void
}

/** Serves streams over WebSockets. */
export function startStreamSockets(upstream: Upstream): StreamSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) =>
      Object.values(STREAM_PROTOCOLS).find((protocol) => offered.has(protocol)) ?? false,
  })
  return {
    accept(request, socket, head, path) {
      server.handleUpgrade(request, socket, head, (browser) => {
        const accept =
          browser.protocol === STREAM_PROTOCOLS.table ? TABLE_ACCEPT : 'application/json'
        tell(upstream, path, accept, browser)
      })
    },
    close() {
      for (const browser of server.clients) browser.terminate()
      server.close()
    },
  }
}

function tell(upstream: Upstream, path: string, accept: string, browser: WebSocket): void {
  // Logs answer as text whatever is asked for; everything else goes by this.
  const extra = { accept: `${accept}, */*;q=0.1` }
  const outgoing = upstream.request({ method: 'GET', path, headers: {}, extra })
  let answer: IncomingMessage | undefined
  browser.on('error', () => browser.terminate())
  browser.once('close', () => {
    outgoing.destroy()
    answer?.destroy()
  })
  outgoing.once('error', (error) => {
    if (answer) browser.close()
    else sayUnavailable(browser, error.message)
  })
  outgoing.once('response', (message: IncomingMessage) => {
    answer = message
    sayHead(browser, message)
    message.on('data', (chunk: Buffer) => {
      browser.send(chunk, () => {
        if (browser.bufferedAmount <= MAX_WAITING_BYTES) message.resume()
      })
      if (browser.bufferedAmount > MAX_WAITING_BYTES) message.pause()
    })
    message.once('error', () => browser.close())
    message.once('end', () => browser.close(1000))
  })
  outgoing.end()
}

function sayHead(browser: WebSocket, { statusCode = 502, headers }: IncomingMessage): void {
  const said: StreamHead = {
    status: statusCode,
    headers: { 'content-type': headers['content-type'] ?? 'application/octet-stream' },
  }
  browser.send(JSON.stringify(said))
}

function sayUnavailable(browser: WebSocket, why: string): void {
  const { status } = unavailable(`The cluster does not answer: ${why}`)
  const said: StreamHead = { status: 503, headers: { 'content-type': 'application/json' } }
  browser.send(JSON.stringify(said))
  browser.send(Buffer.from(JSON.stringify(status)))
  browser.close(1000)
}
