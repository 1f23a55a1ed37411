// A load against a network that does everything wrong, one random event at a time. After each, every request that was
// sent must be in exactly one place.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Load, type LoadOptions } from './load.ts'
import type { Breakage, WireEvents } from './link.ts'

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: nginx\r\n\r\n')

function answer(pod: string, extra = '', body = 'page', status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nX-Pod: ${pod}\r\nX-Version: v1\r\n${extra}\r\n${body}`
}

/** One connection as its server sees it. */
interface Peer {
  events: WireEvents
  state: 'dialing' | 'open' | 'closed'
  /** Requests that have come and are not answered. */
  waiting: number
  /** The rest of an answer of which the start was sent. */
  rest: string
  weEnded: boolean
}

class Network {
  readonly peers: Peer[] = []
  now = 0
  /** Answers that were handed over whole. */
  answered = 0
  readonly load: Load

  constructor(options: Partial<LoadOptions>) {
    const all = { rate: 0, connections: 3, depth: 4, lifetimeMs: 500, timeoutMs: 1000, ...options }
    this.load = new Load(
      { request: REQUEST, ...all },
      (events) => {
        const peer: Peer = { events, state: 'dialing', waiting: 0, rest: '', weEnded: false }
        this.peers.push(peer)
        return {
          send: (bytes) => {
            peer.waiting += bytes.length / REQUEST.length
          },
          end: () => {
            peer.weEnded = true
          },
          destroy: () => {
            peer.state = 'closed'
          },
        }
      },
      () => this.now,
    )
  }

  of(state: Peer['state']): Peer[] {
    return this.peers.filter((peer) => peer.state === state)
  }

  give(peer: Peer, text: string): void {
    const bytes = Buffer.from(text)
    peer.events.data(bytes, bytes.length)
  }

  close(peer: Peer): void {
    peer.state = 'closed'
    peer.events.closed()
  }
}

type Step = (network: Network, peer: Peer | undefined) => void

const open: Step = (_network, peer) => {
  if (peer?.state !== 'dialing') return
  peer.state = 'open'
  peer.events.opened()
}
const refuse: Step = (network, peer) => {
  if (peer?.state !== 'dialing') return
  peer.events.broken('refused')
  network.close(peer)
}
const breakOff =
  (cause: Breakage): Step =>
  (network, peer) => {
    if (peer?.state !== 'open') return
    peer.events.broken(cause)
    network.close(peer)
  }
const answerSome =
  (share: number, cut: number): Step =>
  (network, peer) => {
    if (peer?.state !== 'open') return
    const count = Math.ceil(peer.waiting * share)
    if (count === 0) return
    const text = peer.rest + answer('a').repeat(count - (peer.rest === '' ? 0 : 1))
    const at = Math.floor(text.length * cut)
    const [first, second] = [text.slice(0, at), text.slice(at)]
    peer.waiting -= count
    peer.rest = ''
    network.answered += count
    network.give(peer, first)
    if (peer.state === 'open') network.give(peer, second)
  }
const startAnswer: Step = (network, peer) => {
  if (peer?.state !== 'open' || peer.waiting === 0 || peer.rest !== '') return
  const text = answer('a')
  peer.rest = text.slice(30)
  network.give(peer, text.slice(0, 30))
}
const lastAnswer: Step = (network, peer) => {
  if (peer?.state !== 'open' || peer.waiting === 0 || peer.rest !== '') return
  network.answered++
  network.give(peer, answer('a', 'Connection: close\r\n'))
  peer.events.ended()
  network.close(peer)
}
const spoil =
  (text: string): Step =>
  (network, peer) => {
    if (peer?.state !== 'open' || peer.waiting === 0 || peer.rest !== '') return
    peer.waiting--
    network.give(peer, text)
  }
const endServer: Step = (network, peer) => {
  if (peer?.state !== 'open') return
  peer.events.ended()
  network.close(peer)
}
const finishOurs: Step = (network) => {
  for (const peer of network.of('open')) if (peer.weEnded) endServer(network, peer)
}
const pass =
  (ms: number): Step =>
  (network) => {
    network.now += ms
    network.load.tick()
  }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(open) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 60 }).map(pass) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([share, cut]) => answerSome(share, cut)),
  },
  { weight: 2, arbitrary: fc.constantFrom(startAnswer, lastAnswer, endServer, finishOurs) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      refuse,
      breakOff('reset'),
      breakOff('timeout'),
      spoil(answer('a', '', 'oops')),
      spoil(answer('a', '', 'page', '500 Internal Server Error')),
      spoil('SSH-2.0-OpenSSH\r\n\r\n'),
      spoil(answer('a') + answer('a')),
      pass(1500),
    ),
  },
)

function balance({ load }: Network): void {
  const { sent, answered, failed, failedTotal, inFlight, servers } = load.ledger
  expect(load.pending).toBe(inFlight)
  expect(answered + failedTotal + inFlight).toBe(sent)
  expect(Object.values(failed).reduce((sum, count) => sum + count, 0)).toBe(failedTotal)
  expect([...servers.values()].reduce((sum, server) => sum + server.answered, 0)).toBe(answered)
  expect(load.ledger.latencies.total).toBe(answered)
}

/** Stops while servers answer everything: nothing new is sent, and everything sent gets its outcome. */
function stopInPeace(network: Network): void {
  const { sent } = network.load.ledger
  network.load.stop()
  for (let turn = 0; turn < 400 && !network.load.settled; turn++) {
    for (const peer of network.of('dialing')) open(network, peer)
    for (const peer of network.of('open')) answerSome(1, 1)(network, peer)
    pass(10)(network, undefined)
    balance(network)
  }
  expect(network.load.ledger.sent).toBe(sent)
  expect(network.load.settled).toBe(true)
}

describe('Load', () => {
  it('has every request in exactly one place after every event', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 0, 100, 5000),
        fc.array(fc.tuple(step, fc.nat(7)), { maxLength: 120 }),
        fc.boolean(),
        (rate, steps, stops) => {
          const network = new Network({ rate })
          network.load.tick()
          for (const [take, which] of steps) {
            const alive = network.peers.filter((peer) => peer.state !== 'closed')
            take(network, alive[which % Math.max(1, alive.length)])
            balance(network)
          }
          if (stops) stopInPeace(network)
          network.load.close()
          balance(network)
          expect(network.load.settled).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('loses nothing, and counts what servers count, as long as servers close in good order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 2000),
        fc.array(
          fc.tuple(
            fc.constantFrom(
              open,
              open,
              answerSome(1, 0.3),
              answerSome(0.4, 1),
              lastAnswer,
              pass(7),
            ),
            fc.nat(7),
          ),
          { maxLength: 150 },
        ),
        (rate, steps) => {
          const network = new Network({ rate, timeoutMs: 1e9 })
          network.load.tick()
          for (const [take, which] of steps) {
            const alive = network.peers.filter((peer) => peer.state !== 'closed')
            take(network, alive[which % Math.max(1, alive.length)])
            finishOurs(network, undefined)
          }
          expect(network.load.ledger.failedTotal).toBe(0)
          expect(network.load.ledger.answered).toBe(network.answered)
          balance(network)
        },
      ),
    )
  })

  it('keeps to its rate, and measures a stall as latency of all that it held up', () => {
    const network = new Network({ rate: 1000, depth: 10_000, lifetimeMs: 1e9, timeoutMs: 1e9 })
    network.load.tick()
    for (const peer of network.of('dialing')) open(network, peer)
    const { ledger } = network.load
    network.load.tick()
    const run = (ms: number, answers: boolean): void => {
      for (let passed = 0; passed < ms; passed += 4) {
        pass(4)(network, undefined)
        if (answers) for (const peer of network.of('open')) answerSome(1, 1)(network, peer)
      }
    }
    run(1000, true)
    expect(ledger.sent).toBe(1000)
    run(500, false)
    expect(ledger.sent).toBe(1500)
    run(4, true)
    // Half a second of requests waited between nothing and half a second.
    expect(ledger.latencies.percentile(50)).toBeLessThan(10_000)
    const median = ledger.latencies.percentile(100 * (1250 / 1504)) ?? 0
    expect(median).toBeGreaterThan(230_000)
    expect(median).toBeLessThan(280_000)
    // The process itself stalls: what was due meanwhile counts from when it was due.
    pass(300)(network, undefined)
    for (const peer of network.of('open')) answerSome(1, 1)(network, peer)
    expect(ledger.sent).toBe(1804)
    expect(ledger.latencies.percentile(100 * (1654 / 1804))).toBeGreaterThan(180_000)
  })

  it('waits for a service that does not exist yet without failing anything', () => {
    const network = new Network({})
    for (let turn = 0; turn < 50; turn++) {
      pass(20)(network, undefined)
      for (const peer of network.of('dialing')) refuse(network, peer)
    }
    expect(network.load.ledger.sent).toBe(0)
    pass(300)(network, undefined)
    for (const peer of network.of('dialing')) open(network, peer)
    expect(network.load.ledger.inFlight).toBe(12)
  })

  it('says by how much it fell behind instead of sending late', () => {
    const network = new Network({ rate: 1000, connections: 1, depth: 1, timeoutMs: 1e9 })
    network.load.tick()
    for (const peer of network.of('dialing')) open(network, peer)
    for (let turn = 0; turn < 500; turn++) pass(10)(network, undefined)
    expect(network.load.ledger.sent).toBe(1)
    expect(network.load.slipped).toBeGreaterThan(3900)
  })
})
