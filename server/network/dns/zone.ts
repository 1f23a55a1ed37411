// What the cluster's names mean: Kubernetes' DNS-Based Service Discovery, version 1.1.0. Pure: the world is handed in.
import type { StringAnswer } from 'dns-packet'
import { keyOf } from '../../../shared/kubernetes/meta.ts'
import type { EndpointSlice, Service } from '../../../shared/kubernetes/network.ts'
import type { ClustersetView } from './clusterset-zone.ts'
import { CLUSTERSET_ZONE, replyInClusterset } from './clusterset-zone.ts'
import type { Place, Reply } from './records.ts'
import {
  addressOf,
  dashed,
  found,
  NO_SUCH_NAME,
  NOTHING,
  portOf,
  TTL,
  withAnswers,
} from './records.ts'

/** What names are made of. Keys are `namespace/name`. */
export interface ZoneView extends ClustersetView {
  service(key: string): Service | undefined
  slices(service: string): readonly EndpointSlice[]
  /** The service whose own address this is, and services that have an endpoint there. */
  servicesAt(address: string): readonly Service[]
}

export const ZONE = 'cluster.local'
const REVERSE = '.in-addr.arpa'
const SCHEMA_VERSION = '1.1.0'

/** What is known of a name; undefined: it is none of the cluster's. `type` is the record type asked for. */
export function replyTo(
  view: ZoneView,
  { name, type }: { name: string; type: string },
): Reply | undefined {
  const asked = name.toLowerCase().replace(/\.$/, '')
  if (asked.endsWith(REVERSE)) return reversed(view, asked)
  if (asked === CLUSTERSET_ZONE || asked.endsWith(`.${CLUSTERSET_ZONE}`)) {
    return replyInClusterset(view, asked, type)
  }
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

const undashed = (host: string): string => host.replaceAll('-', '.')
