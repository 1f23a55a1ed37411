// One connection of a loadbot and the requests in flight on it.
import { AnswerReader, type AnswerSink, type KnownBodies, type Verdict } from './answer-reader.ts'
import { Flight } from './flight.ts'

/** Why a connection ended other than in good order. */
export type Breakage = 'refused' | 'reset' | 'timeout'

/** What a connection tells its link. */
export interface WireEvents {
  opened: () => void
  /** Bytes 0–`length` of a buffer that will be used again. */
  data: (chunk: Buffer, length: number) => void
  /** The server closed in good order. */
  ended: () => void
  broken: (cause: Breakage) => void
  /** Nothing more comes; always the last event. */
  closed: () => void
}

/** A connection being made or in use. */
export interface Wire {
  send: (bytes: Buffer) => void
  /** Half-closes: what the server still sends is read. */
  end: () => void
  destroy: () => void
}

export type Dial = (events: WireEvents) => Wire

/** What a link tells the load it is part of. */
export interface LinkOwner {
  opened: (link: Link) => void
  answered: (link: Link, verdict: Verdict, count: number, pod: string, version: string) => void
  /** So many bytes were read; new requests may be sent. */
  received: (link: Link, bytes: number) => void
  /** The server closed; `cutShort` when in the middle of an answer. What is in flight is not answered. */
  serverEnded: (link: Link, cutShort: boolean) => void
  broken: (link: Link, cause: Breakage | 'malformed') => void
  closed: (link: Link) => void
}

/** `retiring`: sends no more, ends when its flight is empty. `over`: only waits to be closed. */
export type LinkState = 'dialing' | 'open' | 'retiring' | 'over'

export class Link implements AnswerSink, WireEvents {
  state: LinkState = 'dialing'
  readonly flight = new Flight()
  /** When answers last came, or when its flight began, or when it was over (ms). */
  progressAt: number
  /** When it shall retire (ms). */
  retireAt = Infinity
  /** When it was made (ms); null: not yet. */
  connectedAt: number | null = null
  /** The server that answered last. */
  pod = ''
  version = ''
  private readonly owner: LinkOwner
  private readonly reader: AnswerReader
  private readonly wire: Wire

  constructor(owner: LinkOwner, dial: Dial, bodies: KnownBodies, now: number) {
    this.owner = owner
    this.reader = new AnswerReader(this, bodies)
    this.progressAt = now
    this.wire = dial(this)
  }

  /** Sends requests that are already in its flight. */
  send(bytes: Buffer): void {
    this.wire.send(bytes)
  }

  /** Sends no more and ends in good order: now, when nothing is in flight. */
  retire(): void {
    if (this.state === 'dialing') this.abandon()
    if (this.state === 'open') this.state = 'retiring'
    if (this.state === 'retiring' && this.flight.size === 0) this.finish()
  }

  /** Half-closes and waits for the server to close. */
  finish(): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.wire.end()
  }

  /** Ends at once. */
  abandon(): void {
    this.state = 'over'
    this.wire.destroy()
  }

  opened(): void {
    if (this.state !== 'dialing') return
    this.state = 'open'
    this.owner.opened(this)
  }

  data(chunk: Buffer, length: number): void {
    if (this.state === 'over') return
    this.reader.read(chunk, length)
    this.owner.received(this, length)
  }

  answers(verdict: Verdict, count: number, pod: string, version: string): void {
    if (count > this.flight.size) this.malformed()
    else this.owner.answered(this, verdict, count, pod, version)
  }

  malformed(): void {
    if (this.state !== 'over') this.owner.broken(this, 'malformed')
  }

  ended(): void {
    if (this.state === 'over') return
    const cutShort = this.reader.end()
    // The end may have completed an answer, and that may have been the last.
    if (!this.isOver()) this.owner.serverEnded(this, cutShort)
  }

  broken(cause: Breakage): void {
    if (this.state !== 'over') this.owner.broken(this, cause)
  }

  closed(): void {
    this.owner.closed(this)
  }

  private isOver(): boolean {
    return this.state === 'over'
  }
}
