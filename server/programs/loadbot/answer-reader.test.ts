import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerReader, KnownBodies } from './answer-reader.ts'

interface Heard {
  /** `verdict pod version`, one for each answer. */
  answers: string[]
  ended: boolean
  malformed: boolean
  cutShort: boolean
}

/** What a reader makes of a stream that comes in these pieces and then ends. */
function hear(pieces: Buffer[]): Heard {
  const heard: Heard = { answers: [], ended: false, malformed: false, cutShort: false }
  const reader = new AnswerReader(
    {
      answers: (verdict, count, pod, version) => {
        heard.answers.push(...Array<string>(count).fill(`${verdict} ${pod} ${version}`))
      },
      ended: () => {
        heard.ended = true
      },
      malformed: () => {
        heard.malformed = true
      },
    },
    new KnownBodies(),
  )
  // One buffer for all pieces, as a socket uses it: nothing of it may be kept.
  const shared = Buffer.alloc(64 * 1024)
  for (const piece of pieces) {
    shared.fill(0x78)
    piece.copy(shared)
    reader.read(shared, piece.length)
  }
  heard.cutShort = reader.end()
  return heard
}

const whole = (text: string): Heard => hear([Buffer.from(text, 'latin1')])

interface Answer {
  pod: string
  version: string
  text: string
}

function make(pod: string, version: string, date: number, chunked: boolean): Answer {
  const body = `page of ${version}`
  const framed = chunked
    ? `Transfer-Encoding: chunked\r\n\r\n4\r\n${body.slice(0, 4)}\r\n${(body.length - 4).toString(16)}\r\n${body.slice(4)}\r\n0\r\n\r\n`
    : `Content-Length: ${body.length}\r\n\r\n${body}`
  const head = `HTTP/1.1 200 OK\r\nDate: ${date}\r\nX-Pod: ${pod}\r\nX-Version: ${version}\r\n`
  return { pod, version, text: head + framed }
}

const run = fc
  .tuple(
    fc.constantFrom('a', 'b'),
    fc.constantFrom('v1', 'v2'),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
    fc.integer({ min: 1, max: 30 }),
  )
  .map(([pod, version, date, chunked, times]) =>
    Array<Answer>(times).fill(make(pod, version, date, chunked)),
  )
const answers = fc.array(run, { maxLength: 5 }).map((runs) => runs.flat())

function cut(bytes: Buffer, points: number[]): Buffer[] {
  const places = [0, ...points.map((point) => point % (bytes.length + 1)), bytes.length]
  const sorted = places.toSorted((a, b) => a - b)
  return sorted.slice(1).map((place, index) => bytes.subarray(sorted[index], place))
}

describe('AnswerReader', () => {
  it('hears every answer once, from whom it came, however the stream is cut', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(20_000), { maxLength: 20 }), (sent, points) => {
        const bytes = Buffer.from(sent.map(({ text }) => text).join(''), 'latin1')
        const heard = hear(cut(bytes, points))
        expect(heard.answers).toEqual(sent.map(({ pod, version }) => `answered ${pod} ${version}`))
        expect(heard).toMatchObject({ ended: false, malformed: false, cutShort: false })
      }),
      { numRuns: 500 },
    )
  })

  it('never takes a stream with one wrong byte in a body for a right one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(), fc.nat(8), (times, which, at) => {
        const { text } = make('a', 'v1', 1, false)
        const texts = Array<string>(times).fill(text)
        // The first answer is what the others are held against.
        const spoilt = 1 + (which % (times - 1))
        const place = text.length - 1 - at
        texts[spoilt] = `${text.slice(0, place)}~${text.slice(place + 1)}`
        const expected = Array<string>(times).fill('answered a v1')
        expected[spoilt] = 'wrongBody a v1'
        expect(whole(texts.join('')).answers).toEqual(expected)
      }),
    )
  })

  it('stops at the last answer of a connection', () => {
    const last = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx'
    expect(whole(last + last)).toMatchObject({ answers: ['answered  '], ended: true })
    const old = 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'
    expect(whole(old + old)).toMatchObject({ answers: ['answered  '], ended: true })
  })

  it('knows a short body from one that the end of the connection completes', () => {
    const short = whole('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc')
    expect(short).toMatchObject({ answers: [], cutShort: true })
    const open = whole('HTTP/1.1 200 OK\r\n\r\nabc')
    expect(open).toMatchObject({ answers: ['answered  '], ended: true, cutShort: false })
  })

  it('passes over interim answers and judges the status', () => {
    const bad = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'
    const none = 'HTTP/1.1 204 No Content\r\n\r\n'
    const heard = whole(`HTTP/1.1 100 Continue\r\n\r\n${bad}${none}`)
    expect(heard.answers).toEqual(['badStatus  ', 'answered  '])
  })

  it.each([
    'SSH-2.0-OpenSSH_9\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`,
  ])('gives up on what is no HTTP: %j', (text) => {
    expect(whole(text)).toMatchObject({ answers: [], malformed: true })
  })
})
