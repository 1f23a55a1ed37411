// DNS messages (RFC 1035, RFC 6891) around what the zone says.
import type { Answer as AnyAnswer, DecodedPacket, Packet, Question } from 'dns-packet'
import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { CLUSTERSET_ZONE } from './clusterset-zone.ts'
import type { Reply } from './records.ts'
import { TTL } from './records.ts'
import { ZONE } from './zone.ts'

/** RFC 1035, 4.1.1 */
export const RCODE = { ok: 0, malformed: 1, failed: 2, noSuchName: 3, notImplemented: 4 }
const RECURSION_DESIRED = 0x0100
/** RFC 1035, 2.3.4, without EDNS; with it, what travels unfragmented everywhere (DNS flag day 2020). */
const PLAIN_UDP_BYTES = 512
const LARGEST_UDP_BYTES = 1232
const HEADER_BYTES = 12

/** One question with what is needed to answer it. */
export interface Asked {
  packet: DecodedPacket
  question: Question
}

/** What a message asks, or the message that answers what is no question; undefined: it is not answered at all. */
export function read(message: Buffer): Asked | { answer: Buffer } | undefined {
  if (message.length < HEADER_BYTES || (message[2]! & 0x80) !== 0) return undefined
  try {
    const packet = decode(message)
    const [question, ...more] = packet.questions ?? []
    if (packet.type !== 'query') return undefined
    if ((message[2]! & 0x78) !== 0) return { answer: plain(packet, RCODE.notImplemented) }
    if (!question || more.length > 0) return { answer: plain(packet, RCODE.malformed) }
    return { packet, question }
  } catch {
    return { answer: plain({ id: message.readUInt16BE(0) }, RCODE.malformed) }
  }
}

/** An answer that says nothing but how it went. */
export function plain(packet: Packet, rcode: number): Buffer {
  const { id = 0, questions = [] } = packet
  return encode({ type: 'response', id, flags: flagsOf(packet) | rcode, questions })
}

/**
 * The whole answer.
 * @param room in bytes: what a datagram may hold; absent: as much as there is
 */
export function answerTo({ packet, question }: Asked, reply: Reply, room?: number): Buffer {
  const answers = [...reply.answers] as AnyAnswer[]
  const edns: AnyAnswer[] = asksEdns(packet)
    ? [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: LARGEST_UDP_BYTES,
          flags: 0,
          options: [],
        } as unknown as AnyAnswer,
      ]
    : []
  const rcode = reply.exists ? RCODE.ok : RCODE.noSuchName
  const base = {
    type: 'response' as const,
    id: packet.id ?? 0,
    flags: flagsOf(packet) | AUTHORITATIVE_ANSWER | rcode,
    questions: [question],
  }
  const whole = encode({
    ...base,
    answers,
    authorities: answers.length === 0 ? [startOfAuthority(question.name)] : [],
    additionals: [...reply.additionals, ...edns],
  })
  if (room === undefined || whole.length <= room) return whole
  return encode({ ...base, flags: base.flags | TRUNCATED_RESPONSE, additionals: edns })
}

/** What a datagram to this client may hold, in bytes. */
export function roomFor(packet: DecodedPacket): number {
  const offered = packet.additionals?.find(({ type }) => type === 'OPT') as
    { udpPayloadSize?: number } | undefined
  const size = offered?.udpPayloadSize ?? PLAIN_UDP_BYTES
  return Math.min(LARGEST_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, size))
}

function asksEdns(packet: DecodedPacket): boolean {
  return packet.additionals?.some(({ type }) => type === 'OPT') === true
}

function flagsOf({ flags = 0 }: Packet): number {
  return (flags & RECURSION_DESIRED) | RECURSION_AVAILABLE
}

/** How long it may be remembered that there is nothing (RFC 2308), in the zone that the name lies in. */
function startOfAuthority(name: string): AnyAnswer {
  const zone = /(^|\.)clusterset\.local\.?$/i.test(name) ? CLUSTERSET_ZONE : ZONE
  return {
    type: 'SOA',
    name: zone,
    ttl: TTL,
    data: {
      mname: `ns.dns.${zone}`,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: TTL,
    },
  }
}
