// The userspace proxy's work: listens on the addresses of routes and passes connections on to their targets.
import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { Clock } from '../machinery/clock.ts'
import { Balancer } from './balancer.ts'
import type { Pump } from './pump.ts'
import { pump } from './pump.ts'
import type { Route, Target } from './table.ts'

/** How long targets may take to accept, round after round (kube-proxy, userspace: EndpointDialTimeouts). */
const CONNECT_TIMEOUTS_MS = [250, 500, 1000, 2000]
const BACKLOG = 4096
/**
 * Where connections to targets come from. Not from 127.0.0.1: clients that the kernel leads to the same targets come from
 * there, and two connections must never have the same ends. Many, because each address has only some 28,000 ports.
 */
const SOURCE_PREFIX = '127.254.0.'
const SOURCES = 250

export interface ForwarderCounts {
  /** Connections passed through now, or waiting for a target. */
  open: number
  /** Connections accepted since the start. */
  accepted: number
  /** Accepted, but no target accepted them. */
  refused: number
  /** Times a target did not accept and the next was tried. */
  retried: number
}

/** The code of a route that is not for TCP. */
export const NOT_TCP = 'EPROTONOSUPPORT'

/** An address that could not be listened on. */
export interface ListenFailure {
  key: string
  address: string
  port: number
  code: string
}

interface Attempt {
  target: Target
  timeoutMs: number
}

const SLOW = 'no answer in time'

interface Forwarded {
  balancer: Balancer
  /** By `address:port`. */
  servers: Map<string, Server>
}

export class Forwarder {
  readonly #routes = new Map<string, Forwarded>()
  readonly #pumps = new Set<Pump>()
  readonly #counts = { accepted: 0, refused: 0, retried: 0 }
  /** Accepted, not joined to a target yet. */
  #pending = 0
  #source = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get counts(): ForwarderCounts {
    return { open: this.#pumps.size + this.#pending, ...this.#counts }
  }

  /** Puts the route in force. Resolves when it is, with the addresses that could not be had. UDP cannot. */
  async set(route: Route, nodeAddresses: readonly string[]): Promise<ListenFailure[]> {
    if (route.protocol !== 'TCP') {
      const { key, addresses, port } = route
      return [{ key, address: addresses[0] ?? '', port, code: NOT_TCP }]
    }
    let forwarded = this.#routes.get(route.key)
    if (!forwarded) {
      forwarded = { balancer: new Balancer(), servers: new Map() }
      this.#routes.set(route.key, forwarded)
    }
    forwarded.balancer.update(route)
    const wanted = new Map<string, { address: string; port: number }>()
    // Without targets nothing listens, so that connections are refused as they would be by kube-proxy's REJECT.
    if (route.targets.length > 0) {
      const { addresses, port, nodePort } = route
      for (const address of addresses) wanted.set(`${address}:${port}`, { address, port })
      for (const address of nodePort ? nodeAddresses : []) {
        wanted.set(`${address}:${nodePort}`, { address, port: nodePort! })
      }
    }
    this.#closeUnwanted(forwarded, new Set(wanted.keys()))
    const missing = [...wanted].filter(([name]) => !forwarded.servers.has(name))
    const failures = missing.map(([name, at]) => this.#listen(route.key, forwarded, name, at))
    return (await Promise.all(failures)).filter((failure) => failure !== undefined)
  }

  /** Takes the route out of force; its connections go on. */
  remove(key: string): void {
    const forwarded = this.#routes.get(key)
    if (!forwarded) return
    this.#closeUnwanted(forwarded, new Set())
    this.#routes.delete(key)
  }

  /** Takes every route but these out of force. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#routes.keys()) if (!keys.has(key)) this.remove(key)
  }

  #closeUnwanted({ servers }: Forwarded, wanted: Set<string>): void {
    for (const [name, server] of servers) {
      if (wanted.has(name)) continue
      server.close()
      servers.delete(name)
    }
  }

  #listen(
    key: string,
    forwarded: Forwarded,
    name: string,
    { address, port }: { address: string; port: number },
  ): Promise<ListenFailure | undefined> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
    server.on('connection', (client) => this.#accept(client, forwarded.balancer))
    forwarded.servers.set(name, server)
    return new Promise((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        forwarded.servers.delete(name)
        resolve({ key, address, port, code: error.code ?? error.message })
      })
      server.listen({ host: address, port, backlog: BACKLOG }, () => resolve(undefined))
    })
  }

  #accept(client: Socket, balancer: Balancer): void {
    this.#counts.accepted += 1
    this.#pending += 1
    const address = client.remoteAddress ?? ''
    client.on('error', () => {})
    const targets = balancer.order(address, this.#clock.now())
    const attempts = CONNECT_TIMEOUTS_MS.flatMap((timeoutMs) =>
      targets.map((target) => ({ target, timeoutMs })),
    )
    this.#tryNext(client, attempts, (target) => balancer.chose(address, target, this.#clock.now()))
  }

  #tryNext(client: Socket, attempts: Attempt[], chosen: (target: Target) => void): void {
    const [attempt, ...rest] = attempts
    if (client.destroyed || !attempt) this.#pending -= 1
    if (client.destroyed) return
    if (!attempt) {
      this.#counts.refused += 1
      client.resetAndDestroy()
      return
    }
    const { target, timeoutMs } = attempt
    const server = connect({
      host: target.ip,
      port: target.port,
      localAddress: this.#nextSource(),
      allowHalfOpen: true,
      noDelay: true,
    })
    server.setTimeout(timeoutMs, () => server.destroy(new Error(SLOW)))
    const failed = (error: Error): void => {
      // One that is only slow is tried again in the next round, one that refused is not.
      const left = error.message === SLOW ? rest : rest.filter((next) => next.target !== target)
      if (left.length > 0) this.#counts.retried += 1
      this.#tryNext(client, left, chosen)
    }
    server.once('error', failed)
    server.once('connect', () => {
      server.off('error', failed)
      server.setTimeout(0)
      chosen(target)
      this.#join(client, server)
    })
  }

  #nextSource(): string {
    this.#source = (this.#source % SOURCES) + 1
    return `${SOURCE_PREFIX}${this.#source}`
  }

  #join(client: Socket, server: Socket): void {
    this.#pending -= 1
    if (client.destroyed) {
      server.destroy()
      return
    }
    const joined = pump(client, server, () => this.#pumps.delete(joined))
    this.#pumps.add(joined)
    client.resume()
  }

  /** Stops listening at once. */
  close(): void {
    this.keep(new Set())
  }

  /** Ends connections in good order (see Pump.retire): those without traffic since the last call, or all of them. */
  retire(which: 'quiet' | 'all'): void {
    for (const joined of this.#pumps) if (joined.isQuiet() || which === 'all') joined.retire()
  }
}
