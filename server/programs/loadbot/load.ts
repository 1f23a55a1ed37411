// Keeps connections open and requests in flight, and knows at every instant where each request is.
//
// A request without an answer is resent when its server closed in good order, for then it was not acted on (RFC 9112,
// section 9.3.1); after anything else it has failed.
import type { FailureCause } from '../../../shared/load.ts'
import { Repetition } from '../http/repetition.ts'
import { KnownBodies, type Verdict } from './answer-reader.ts'
import type { Place } from './failure-log.ts'
import { Flight } from './flight.ts'
import { Ledger, type ServerCount } from './ledger.ts'
import { Link, type Breakage, type Dial, type LinkOwner } from './link.ts'
import { Pace } from './pace.ts'

const SWEEP_MS = 10
const FIRST_REDIAL_MS = 5
const LONGEST_REDIAL_MS = 200
/** A server gets this long (ms) to close a connection that we have ended. */
const LINGER_MS = 2000
/** Requests that could not be sent this long (ms) after they were due are not sent: the schedule slips, and says so. */
const LATEST_MS = 1000

export interface LoadOptions {
  /** The bytes of one request. */
  request: Buffer
  /** A second; 0 sends as fast as answers come. */
  rate: number
  connections: number
  /** Requests in flight on one connection at most. */
  depth: number
  /** How long (ms) a connection is used; Infinity for ever. */
  lifetimeMs: number
  /** How long (ms) a connection may be without any answer while requests are in flight. */
  timeoutMs: number
}

/** Driven by `tick`, at least every few milliseconds, and by its connections. `now` is in milliseconds. */
export class Load implements LinkOwner {
  readonly ledger = new Ledger()
  /** Requests of the schedule that were not sent, because nothing could take them in time. */
  slipped = 0
  private readonly options: LoadOptions
  private readonly dial: Dial
  private readonly now: () => number
  private readonly requests: Repetition
  private readonly bodies = new KnownBodies()
  private readonly links: Link[] = []
  private readonly leaving = new Set<Link>()
  /** Sent once, unanswered by a server that closed. */
  private readonly resend = new Flight()
  /** Due, not sent yet. */
  private readonly due = new Flight()
  private pace: Pace | null = null
  private turn = 0
  private sweepAt = 0
  private redialAt = 0
  private redialMs = FIRST_REDIAL_MS
  /** Whether any connection was ever made: before that, there is no service yet, and nothing is asked of it. */
  private served = false
  private dialed = 0
  private stopping = false
  private lastServer: ServerCount = { pod: '', version: '', answered: 0 }

  constructor(options: LoadOptions, dial: Dial, now: () => number) {
    this.options = options
    this.dial = dial
    this.now = now
    this.requests = new Repetition(options.request)
  }

  get rate(): number {
    return this.options.rate
  }

  /** How often (ms) `tick` is to be called. */
  get step(): number {
    return this.pace === null ? SWEEP_MS : this.pace.step
  }

  /** Whether it has ever reached a server. */
  get reached(): boolean {
    return this.served
  }

  get openConnections(): number {
    return this.links.reduce((open, link) => open + (link.state === 'open' ? 1 : 0), 0)
  }

  /** Requests without an outcome, counted where they are; the ledger must say the same. */
  get pending(): number {
    const flying = [...this.links, ...this.leaving].map((link) => link.flight.size)
    return flying.reduce((sum, size) => sum + size, this.resend.size)
  }

  /** Whether everything that was sent has its outcome. */
  get settled(): boolean {
    return this.ledger.inFlight === 0
  }

  /** Requests a second from now on; 0 for as fast as answers come. */
  setRate(rate: number): void {
    this.options.rate = rate
    this.pace = null
    this.slipped += this.due.dropBefore(Infinity)
    this.dispatch()
  }

  /** Sends nothing new from now on; what was sent is still resent when a server closes. */
  stop(): void {
    this.stopping = true
    this.setRate(0)
    for (const link of this.links.slice()) if (link.flight.size === 0) this.retire(link)
  }

  /** Gives up what is still in flight and every connection. */
  close(): void {
    this.stopping = true
    this.fail('timeout', this.ledger.inFlight)
    for (const link of [...this.links, ...this.leaving]) link.abandon()
    this.links.length = 0
    this.leaving.clear()
    this.resend.dropBefore(Infinity)
  }

  tick(): void {
    const now = this.now()
    if (now >= this.sweepAt) {
      this.sweepAt = now + SWEEP_MS
      this.sweep(now)
    }
    const { rate } = this.options
    if (rate > 0 && this.served && !this.stopping) {
      this.pace ??= new Pace(rate, now)
      this.pace.advance(now, this.due)
    }
    if (this.due.size > 0 || this.resend.size > 0) this.dispatch()
  }

  opened(link: Link): void {
    const { lifetimeMs, connections } = this.options
    this.served = true
    this.redialMs = FIRST_REDIAL_MS
    // The first ones live shorter, each a different time, so that they are not all replaced at once.
    const share = this.dialed < connections ? (this.dialed + 1) / connections : 1
    this.dialed++
    link.connectedAt = this.now()
    link.retireAt = this.now() + lifetimeMs * share
    this.use(link)
  }

  answered(link: Link, verdict: Verdict, count: number, pod: string, version: string): void {
    const { ledger } = this
    const now = this.now()
    link.progressAt = now
    link.pod = pod
    link.version = version
    if (verdict !== 'answered') {
      link.flight.take(count, () => undefined)
      this.fail(verdict, count, link)
      return
    }
    link.flight.take(count, (time, count) => ledger.latencies.record((now - time) * 1000, count))
    ledger.answered += count
    if (this.lastServer.pod !== pod || this.lastServer.version !== version) {
      this.lastServer = ledger.server(pod, version)
    }
    this.lastServer.answered += count
  }

  received(link: Link, bytes: number): void {
    this.ledger.bytesIn += bytes
    if (link.state === 'retiring') link.retire()
    else if (link.state === 'open') this.use(link)
  }

  serverEnded(link: Link, cutShort: boolean): void {
    this.leave(link)
    if (cutShort) this.lose(link, 'shortBody', Math.min(1, link.flight.size))
    this.ledger.retried += link.flight.size
    link.flight.take(link.flight.size, (time, count) => this.resend.push(time, count))
    link.finish()
    this.refill()
  }

  broken(link: Link, cause: Breakage | 'malformed'): void {
    const wasDialing = link.state === 'dialing'
    this.leave(link)
    link.abandon()
    if (wasDialing) this.dialFailed(cause === 'malformed' ? 'reset' : cause)
    else {
      this.lose(link, cause === 'malformed' ? 'badStatus' : cause, link.flight.size)
      this.refill()
    }
  }

  closed(link: Link): void {
    this.leaving.delete(link)
    this.forget(link)
  }

  private use(link: Link): void {
    if (this.stopping && this.resend.size === 0) this.retire(link)
    else this.fill(link)
  }

  private lose(link: Link, cause: FailureCause, count: number): void {
    link.flight.take(count, () => undefined)
    this.fail(cause, count, link)
  }

  private fail(cause: FailureCause, count: number, place?: Place): void {
    this.ledger.fail(cause, count)
    this.ledger.failures.add(cause, count, this.now(), place)
  }

  /** A connection that carries no new requests any more; another takes its place. */
  private leave(link: Link): void {
    this.forget(link)
    this.leaving.add(link)
    link.progressAt = this.now()
  }

  private retire(link: Link): void {
    this.leave(link)
    link.retire()
  }

  private forget(link: Link): void {
    const at = this.links.indexOf(link)
    if (at >= 0) this.links.splice(at, 1)
  }

  /**
   * A connection that could not be made fails the request it was made for; when there is no other connection it fails
   * everything that waits for one.
   */
  private dialFailed(cause: Breakage): void {
    this.redialAt = this.now() + this.redialMs
    this.redialMs = Math.min(LONGEST_REDIAL_MS, this.redialMs * 2)
    if (!this.served) return
    const all = this.openConnections === 0
    const resent = all ? this.resend.size : Math.min(1, this.resend.size)
    this.resend.take(resent, () => undefined)
    this.fail(cause, resent)
    if (this.stopping || (resent > 0 && !all)) return
    const closedLoop = this.options.rate === 0
    const fresh = closedLoop
      ? Number(resent === 0)
      : all
        ? this.due.size
        : Math.min(1, this.due.size)
    this.due.take(fresh, () => undefined)
    this.ledger.sent += fresh
    this.fail(cause, fresh)
  }

  /** Makes the connections that are missing. */
  private refill(): void {
    if (this.stopping && this.resend.size === 0) return
    const now = this.now()
    while (this.links.length < this.options.connections && now >= this.redialAt) {
      this.links.push(new Link(this, this.dial, this.bodies, now))
    }
    this.dispatch()
  }

  private sweep(now: number): void {
    const { timeoutMs } = this.options
    for (const link of this.links.slice()) {
      const waited = now - link.progressAt
      const waits = link.state === 'dialing' || link.flight.size > 0
      if (waits && waited > timeoutMs) this.broken(link, 'timeout')
      else if (now >= link.retireAt && link.state === 'open') this.retire(link)
    }
    for (const link of this.leaving) {
      const waited = now - link.progressAt
      if (link.state === 'over' && waited > LINGER_MS) link.abandon()
      else if (link.state === 'retiring' && waited > timeoutMs) this.broken(link, 'timeout')
    }
    this.slipped += this.due.dropBefore(now - LATEST_MS)
    this.refill()
  }

  /** Sends what waits over the connections that have room, each in turn. */
  private dispatch(): void {
    const { links } = this
    const closedLoop = this.options.rate === 0 && !this.stopping
    for (let tried = links.length; tried > 0; tried--) {
      if (!closedLoop && this.resend.size === 0 && this.due.size === 0) return
      this.turn = (this.turn + 1) % links.length
      const link = links[this.turn]
      if (link) this.fill(link)
    }
  }

  /** Sends over one connection as much as it has room for. */
  private fill(link: Link): void {
    if (link.state !== 'open') return
    const { flight } = link
    const before = flight.size
    let room = this.options.depth - before
    if (room <= 0) return
    if (this.resend.size > 0) {
      this.resend.take(room, (time, count) => flight.push(time, count))
    }
    room = this.options.depth - flight.size
    if (room > 0 && !this.stopping) this.ledger.sent += this.sendNew(flight, room)
    const count = flight.size - before
    if (count === 0) return
    if (before === 0) link.progressAt = this.now()
    this.ledger.bytesOut += count * this.requests.length
    link.send(this.requests.of(count))
  }

  private sendNew(flight: Flight, room: number): number {
    if (this.options.rate === 0) {
      flight.push(this.now(), room)
      return room
    }
    const before = flight.size
    this.due.take(room, (time, count) => flight.push(time, count))
    return flight.size - before
  }
}
