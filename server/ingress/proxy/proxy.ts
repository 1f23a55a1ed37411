// The data plane of the built-in ingress controller: HTTP/1.1 requests go to the endpoint that the routing table names.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RoutingTable, RuleFinder, Target } from '../routing-table.ts'
import { createRuleFinder, EMPTY_TABLE, hostOf, matchesHost } from '../routing-table.ts'
import type { Outcome } from './attempt.ts'
import { attempt } from './attempt.ts'
import { createCertificates } from './certificates.ts'
import { endToEnd, forwarded, hasBody } from './headers.ts'

const CONNECT_TIMEOUT_MS = 2_000
const ANSWER_TIMEOUT_MS = 60_000
const MOST_ATTEMPTS = 3
/** Requests that change nothing, so that sending them twice is safe (RFC 9110 section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export interface ProxyCounts {
  /** By backend. */
  backends: Record<string, { requests: number; failed: number }>
  notFound: number
  connections: number
}

interface Ways {
  table: RoutingTable
  finder: RuleFinder
}

export class IngressProxy {
  readonly #agent = new http.Agent({ keepAlive: true, maxFreeSockets: 256 })
  readonly #plain: Server
  readonly #secure: https.Server
  readonly #certificates = createCertificates()
  readonly #counts = new Map<string, { requests: number; failed: number }>()
  readonly #turns = new Map<string, number>()
  readonly #tunnels = new Set<Duplex>()
  #notFound = 0
  #connections = 0
  #ways: Ways = { table: EMPTY_TABLE, finder: createRuleFinder([]) }
  #draining = false

  constructor() {
    this.#plain = http.createServer()
    this.#secure = https.createServer({ SNICallback: this.#certificates.forName })
    for (const server of [this.#plain, this.#secure]) {
      const secure = server === this.#secure
      server.on('request', (request, response) => void this.#answer(request, response, secure))
      server.on('upgrade', (request, socket, head) => {
        void this.#upgrade(request, socket, head, secure)
      })
      server.on('connection', (socket) => this.#count(socket))
      // What a client sends beside the protocol is its own affair.
      server.on('clientError', (_, socket) => socket.destroy())
    }
    this.#secure.on('tlsClientError', () => undefined)
  }

  #count(socket: Socket): void {
    this.#connections += 1
    socket.on('close', () => (this.#connections -= 1))
  }

  /** New requests follow this table; those under way end as they began. */
  follow(table: RoutingTable): void {
    this.#ways = { table, finder: createRuleFinder(table.rules) }
    this.#certificates.use(table.certificates)
    // Clients that name no host get what all other names get.
    const other = table.certificates.find(({ hosts }) => hosts.length === 0)
    if (other) this.#secure.setSecureContext({ cert: other.cert, key: other.key })
  }

  /** @returns the ports listened on */
  async listen(address: string, ports: { http: number; https: number }) {
    await Promise.all([
      listening(this.#plain, address, ports.http),
      listening(this.#secure, address, ports.https),
    ])
    const portOf = (server: Server): number => (server.address() as AddressInfo).port
    return { http: portOf(this.#plain), https: portOf(this.#secure) }
  }

  counts(): ProxyCounts {
    return {
      backends: Object.fromEntries(this.#counts),
      notFound: this.#notFound,
      connections: this.#connections,
    }
  }

  #countsOf(backend: string): { requests: number; failed: number } {
    const held = this.#counts.get(backend) ?? { requests: 0, failed: 0 }
    this.#counts.set(backend, held)
    return held
  }

  /** Where a request goes, or what it is answered at once. */
  #wayOf(request: IncomingMessage, secure: boolean): Way | Refusal {
    const { table, finder } = this.#ways
    const host = hostOf(request.headers.host)
    const rule = finder.find(host, (request.url ?? '/').replace(/[?#].*$/s, ''))
    if (!rule) {
      this.#notFound += 1
      return { code: 404, body: `no rule of an Ingress is for ${host || 'this request'}\n` }
    }
    const counts = this.#countsOf(rule.backend)
    counts.requests += 1
    const unsafe = secure && table.withoutCertificate.some((name) => matchesHost(name, host))
    if (unsafe) {
      counts.failed += 1
      return { code: 503, body: `the certificate of ${host} is missing\n` }
    }
    const { targets = [], broken } = table.backends[rule.backend] ?? {}
    if (targets.length === 0) {
      counts.failed += 1
      return { code: 503, body: `${broken ?? `no endpoints behind ${rule.backend}`}\n` }
    }
    return { backend: rule.backend, targets: this.#inTurn(rule.backend, targets), counts }
  }

  /** The endpoints, each time beginning with the next. */
  #inTurn(backend: string, targets: readonly Target[]): Target[] {
    const turn = (this.#turns.get(backend) ?? 0) % targets.length
    this.#turns.set(backend, turn + 1)
    return [...targets.slice(turn), ...targets.slice(0, turn)]
  }

  async #answer(request: IncomingMessage, response: ServerResponse, secure: boolean) {
    const way = this.#wayOf(request, secure)
    if ('code' in way) {
      this.#say(response, way)
      return
    }
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const outcome = await this.#reach(request, way, forwarded(request, secure), gone.signal)
    if (outcome.type === 'answer') {
      this.#passOn(outcome.response, response)
      return
    }
    way.counts.failed += 1
    if (!response.destroyed) this.#say(response, refusalOf(outcome))
  }

  /** Tries one endpoint after the other, as far as that is safe. */
  async #reach(
    request: IncomingMessage,
    { targets }: Way,
    headers: readonly string[],
    gone: AbortSignal,
  ): Promise<Outcome> {
    const again = SAFE.has(request.method ?? '') && !hasBody(request)
    let outcome: Outcome = { type: 'unreached' }
    for (let i = 0; i < MOST_ATTEMPTS && !gone.aborted; i++) {
      const target = targets[i % targets.length]!
      const tried = attempt({
        request,
        target,
        headers,
        agent: this.#agent,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        answerTimeoutMs: ANSWER_TIMEOUT_MS,
      })
      const cancel = (): void => tried.cancel()
      gone.addEventListener('abort', cancel)
      outcome = await tried.outcome
      if (outcome.type === 'answer') return outcome
      gone.removeEventListener('abort', cancel)
      if (outcome.type !== 'unreached' && !(outcome.type === 'broken' && again)) return outcome
    }
    return outcome
  }

  #passOn(from: IncomingMessage, to: ServerResponse): void {
    const headers = endToEnd(from)
    if (this.#draining) headers.push('Connection', 'close')
    to.writeHead(from.statusCode ?? 502, from.statusMessage, headers)
    from.pipe(to)
    // An answer that ends early must not look complete.
    from.on('error', () => to.destroy())
    from.on('aborted', () => to.destroy())
  }

  #say(response: ServerResponse, { code, body }: Refusal): void {
    response.writeHead(code, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      ...(this.#draining && { Connection: 'close' }),
    })
    response.end(body)
  }

  async #upgrade(request: IncomingMessage, client: Duplex, head: Buffer, secure: boolean) {
    client.on('error', () => client.destroy())
    const way = this.#wayOf(request, secure)
    if ('code' in way) {
      client.end(refusalText(way))
      return
    }
    const { connection = 'Upgrade', upgrade = '' } = request.headers
    const headers = [...forwarded(request, secure), 'Connection', connection, 'Upgrade', upgrade]
    const gone = new AbortController()
    client.on('close', () => gone.abort())
    const outcome = await this.#reach(request, way, headers, gone.signal)
    if (outcome.type === 'answer') {
      client.write(
        headText(outcome.response, [...endToEnd(outcome.response), 'Connection', 'close']),
      )
      outcome.response.pipe(client)
    } else if (outcome.type === 'upgraded') {
      this.#tunnel(client, head, outcome)
    } else {
      way.counts.failed += 1
      client.end(refusalText(refusalOf(outcome)))
    }
  }

  #tunnel(client: Duplex, head: Buffer, outcome: Extract<Outcome, { type: 'upgraded' }>): void {
    const { response, socket } = outcome
    client.write(headText(response, response.rawHeaders))
    client.write(outcome.head)
    socket.write(head)
    socket.setTimeout(0)
    client.pipe(socket)
    socket.pipe(client)
    this.#tunnels.add(client)
    socket.on('error', () => client.destroy())
    socket.on('close', () => client.destroy())
    client.on('close', () => {
      this.#tunnels.delete(client)
      socket.destroy()
    })
  }

  /** Takes no new connections and ends the open ones after their answers; those that stay are cut after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true
    const cut = setTimeout(() => {
      this.#plain.closeAllConnections()
      this.#secure.closeAllConnections()
      for (const tunnel of this.#tunnels) tunnel.destroy()
    }, graceMs)
    await Promise.all([closed(this.#plain), closed(this.#secure)])
    clearTimeout(cut)
    this.#agent.destroy()
  }
}

interface Way {
  backend: string
  targets: Target[]
  counts: { requests: number; failed: number }
}

interface Refusal {
  code: number
  body: string
}

function refusalOf(outcome: Outcome): Refusal {
  if (outcome.type === 'late') return { code: 504, body: 'the endpoint did not answer in time\n' }
  if (outcome.type === 'broken')
    return { code: 502, body: 'the endpoint ended before its answer\n' }
  return { code: 503, body: 'no endpoint can be reached\n' }
}

function refusalText({ code, body }: Refusal): string {
  const head = `HTTP/1.1 ${code} ${http.STATUS_CODES[code] ?? ''}\r\nContent-Type: text/plain; charset=utf-8\r\n`
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
}

function headText({ statusCode, statusMessage }: IncomingMessage, raw: readonly string[]): string {
  const lines = [`HTTP/1.1 ${statusCode ?? 502} ${statusMessage ?? ''}`]
  for (let i = 0; i + 1 < raw.length; i += 2) lines.push(`${raw[i]}: ${raw[i + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => resolve())
  })
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
  })
