// The small HTTP servers of loadbots and the aggregator: a table of resources, answers mostly in JSON.
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** `METHOD /path`, and what answers it; what it throws is answered as a 500 with its message. */
export type Routes = Record<
  string,
  (request: http.IncomingMessage, response: http.ServerResponse, url: URL) => void | Promise<void>
>

export function sendJson(response: http.ServerResponse, value: unknown, status = 200): void {
  const body = `${JSON.stringify(value)}\n`
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** Reads a JSON body of at most `limit` bytes; rejects when it is longer or no JSON. */
export async function readJson(request: http.IncomingMessage, limit: number): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > limit) throw new Error('body too long')
  }
  return JSON.parse(text)
}

async function route(
  routes: Routes,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://pod')
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = routes[`${method} ${url.pathname}`]
  if (handler) return handler(request, response, url)
  const known = Object.keys(routes).some((key) => key.endsWith(` ${url.pathname}`))
  sendJson(response, { error: known ? 'method not allowed' : 'not found' }, known ? 405 : 404)
}

/** Serves `routes`; answers the port and how to stop. Rejects with the listener's error. */
export async function serveRoutes(
  routes: Routes,
  address: string,
  port: number,
): Promise<{ port: number; close: () => void }> {
  const server = http.createServer({ noDelay: true }, (request, response) => {
    route(routes, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else sendJson(response, { error: error instanceof Error ? error.message : 'failed' }, 500)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
