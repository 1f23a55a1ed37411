// What answers are made of: places that a name stands for, as records. Pure.
import type { StringAnswer, SrvAnswer, TxtAnswer } from 'dns-packet'

export type Answer = StringAnswer | SrvAnswer | TxtAnswer

export interface Reply {
  /** False: NXDOMAIN. */
  exists: boolean
  answers: Answer[]
  /** Addresses of what the answers name. */
  additionals: Answer[]
  /** The answer leads out of the zone, to this name. */
  elsewhere?: string
}

/** Seconds; short, for endpoints come and go. */
export const TTL = 5

export const NOTHING: Reply = { exists: true, answers: [], additionals: [] }
export const NO_SUCH_NAME: Reply = { exists: false, answers: [], additionals: [] }

/** An address and port that a service's name stands for. */
export interface Place {
  /** The name of the address alone. */
  target: string
  /** Of an endpoint: its part of the name. */
  host: string | undefined
  address: string
  portName: string
  port: number
  protocol: string
}

/** The part of a place that a port gives. */
export function portOf({
  name = '',
  port = 0,
  protocol = 'TCP',
}: {
  name?: string
  port?: number
  protocol?: string
}): Pick<Place, 'portName' | 'port' | 'protocol'> {
  return { portName: name.toLowerCase(), port, protocol: protocol.toLowerCase() }
}

/** Without any place there is no such name: so the specification has it of headless services without endpoints. */
export function found(
  places: readonly Place[],
  name: string,
  type: string,
  isHost: boolean,
): Reply {
  if (places.length === 0) return NO_SUCH_NAME
  if (type === 'A' && isHost) return withAnswers(unique(places).map((at) => addressOf(name, at)))
  if (type !== 'SRV') return NOTHING
  const answers = places
    .filter(({ port }) => port > 0)
    .map(({ target, port }): SrvAnswer => {
      return { name, type: 'SRV', ttl: TTL, data: { priority: 0, weight: 100, port, target } }
    })
  const additionals = unique(places).map((at) => addressOf(at.target, at))
  return { exists: true, answers, additionals }
}

export function withAnswers(answers: Answer[]): Reply {
  return { exists: true, answers, additionals: [] }
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [`${place.target} ${place.address}`, place])).values()]
}

export function addressOf(name: string, { address }: Pick<Place, 'address'>): StringAnswer {
  return { name, type: 'A', ttl: TTL, data: address }
}

/** What an address is called where nothing else names it. */
export const dashed = (address: string): string => address.replaceAll('.', '-')
