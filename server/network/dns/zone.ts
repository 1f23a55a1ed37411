// What the cluster's names mean: Kubernetes' DNS-Based Service Discovery, version 1.1.0. Pure: the world is handed in.
import type { StringAnswer, SrvAnswer, TxtAnswer } from 'dns-packet'
import { keyOf } from '../../../shared/kubernetes/meta.ts'
import type { EndpointSlice, Service } from '../../../shared/kubernetes/network.ts'

export type Answer = StringAnswer | SrvAnswer | TxtAnswer

/** What names are made of. Keys are `namespace/name`. */
export interface ZoneView {
  hasNamespace(name: string): boolean
  service(key: string): Service | undefined
  slices(service: string): readonly EndpointSlice[]
  /** The service whose own address this is, and services that have an endpoint there. */
  servicesAt(address: string): readonly Service[]
}

export interface Reply {
  /** False: NXDOMAIN. */
  exists: boolean
  answers: Answer[]
  /** Addresses of what the answers name. */
  additionals: Answer[]
  /** The answer leads out of the zone, to this name. */
  elsewhere?: string
}

export const ZONE = 'cluster.local'
const REVERSE = '.in-addr.arpa'
const SCHEMA_VERSION = '1.1.0'
/** Seconds; short, for endpoints come and go. */
export const TTL = 5

const NOTHING: Reply = { exists: true, answers: [], additionals: [] }
const NO_SUCH_NAME: Reply = { exists: false, answers: [], additionals: [] }

/** What is known of a name; undefined: it is none of the cluster's. `type` is the record type asked for. */
export function replyTo(
  view: ZoneView,
  { name, type }: { name: string; type: string },
): Reply | undefined {
  const asked = name.toLowerCase().replace(/\.$/, '')
  if (asked.endsWith(REVERSE)) return reversed(view, asked)
  if (asked === ZONE) return NOTHING
  if (!asked.endsWith(`.${ZONE}`)) return undefined
  const labels = asked.slice(0, -ZONE.length - 1).split('.')
  const kind = labels.pop()
  if (kind === 'svc') return underSvc(view, asked, labels, type)
  if (kind === 'pod') return podReply(view, asked, labels, type)
  if (kind !== 'dns-version' || labels.length > 0) return NO_SUCH_NAME
  return type === 'TXT'
    ? withAnswers([{ name: asked, type, ttl: TTL, data: SCHEMA_VERSION }])
    : NOTHING
}

function underSvc(view: ZoneView, name: string, labels: string[], type: string): Reply {
  const [namespace, serviceName, first, second, ...more] = labels.toReversed()
  if (namespace === undefined) return NOTHING
  if (serviceName === undefined) return view.hasNamespace(namespace) ? NOTHING : NO_SUCH_NAME
  const service = view.service(`${namespace}/${serviceName}`)
  if (!service || more.length > 0) return NO_SUCH_NAME
  if (service.spec.type === 'ExternalName') {
    const to = service.spec.externalName ?? ''
    if (first !== undefined) return NO_SUCH_NAME
    return { ...withAnswers([{ name, type: 'CNAME', ttl: TTL, data: to }]), elsewhere: to }
  }
  const places = placesOf(view, service, `${serviceName}.${namespace}.svc.${ZONE}`)
  if (second !== undefined) {
    const [port, protocol] = [second, first ?? '']
    const wanted = places.filter(
      (place) => `_${place.portName}` === port && `_${place.protocol}` === protocol,
    )
    return found(wanted, name, type, false)
  }
  const here = first === undefined ? places : places.filter(({ host }) => host === first)
  return found(here, name, type, true)
}

/** An address and port that a service's name stands for. */
interface Place {
  /** The name of the address alone. */
  target: string
  /** Of an endpoint: its part of the name. */
  host: string | undefined
  address: string
  portName: string
  port: number
  protocol: string
}

function placesOf(view: ZoneView, service: Service, fullName: string): Place[] {
  const { clusterIP, ports = [] } = service.spec
  if (clusterIP && clusterIP !== 'None') {
    const at = { target: fullName, host: undefined, address: clusterIP }
    return ports.map((port) => ({ ...at, ...portOf(port) }))
  }
  const places: Place[] = []
  for (const slice of view.slices(keyOf(service))) {
    for (const { addresses, conditions, hostname } of slice.endpoints ?? []) {
      if (conditions?.ready === false || slice.addressType !== 'IPv4') continue
      for (const address of addresses) {
        const host = hostname ?? dashed(address)
        const at = { target: `${host}.${fullName}`, host, address }
        // A service without ports has endpoints all the same.
        const all = slice.ports?.length ? slice.ports : [{ port: 0 }]
        places.push(...all.map((port) => ({ ...at, ...portOf(port) })))
      }
    }
  }
  return places
}

function portOf({
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
function found(places: readonly Place[], name: string, type: string, isHost: boolean): Reply {
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

function podReply(view: ZoneView, name: string, labels: string[], type: string): Reply {
  const [namespace, host, ...more] = labels.toReversed()
  if (namespace === undefined) return NOTHING
  if (!view.hasNamespace(namespace) || more.length > 0) return NO_SUCH_NAME
  if (host === undefined) return NOTHING
  if (!/^\d{1,3}(-\d{1,3}){3}$/.test(host)) return NO_SUCH_NAME
  return type === 'A' ? withAnswers([addressOf(name, { address: undashed(host) })]) : NOTHING
}

/** Who is at an address; others may know the rest. */
function reversed(view: ZoneView, name: string): Reply | undefined {
  const address = name.slice(0, -REVERSE.length).split('.').toReversed().join('.')
  const targets = view.servicesAt(address).flatMap((service) => {
    const { name: serviceName, namespace } = service.metadata
    const places = placesOf(view, service, `${serviceName}.${namespace}.svc.${ZONE}`)
    return places.filter((place) => place.address === address).map(({ target }) => target)
  })
  if (targets.length === 0) return undefined
  return withAnswers(
    [...new Set(targets)].map((data): StringAnswer => ({ name, type: 'PTR', ttl: TTL, data })),
  )
}

function withAnswers(answers: Answer[]): Reply {
  return { exists: true, answers, additionals: [] }
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [`${place.target} ${place.address}`, place])).values()]
}

function addressOf(name: string, { address }: Pick<Place, 'address'>): StringAnswer {
  return { name, type: 'A', ttl: TTL, data: address }
}

const dashed = (address: string): string => address.replaceAll('.', '-')
const undashed = (host: string): string => host.replaceAll('-', '.')
