// Where a proxy request goes: a pod's own address, or a ready endpoint of a service
// (pkg/registry/core/pod and service: ResourceLocation).
import { randomInt } from 'node:crypto'
import type { ObjectKey } from '../../../shared/client.ts'
import { endpointSlices, pods, services } from '../../../shared/kubernetes/kinds.ts'
import {
  SERVICE_NAME_LABEL,
  type EndpointSlice,
  type Service,
} from '../../../shared/kubernetes/network.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { badRequest, notFound, unavailable } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { prefixOf, storeKey } from '../keys.ts'

export interface Target {
  scheme: 'http' | 'https'
  host: string
  port: number
}

interface ProxyName {
  scheme: 'http' | 'https'
  name: string
  port: string
}

/** `name`, `name:port` or `scheme:name:port` (apimachinery/pkg/util/net: SplitSchemeNamePort). */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(':')
  const [scheme, name, port] =
    parts.length === 3 ? parts : parts.length === 2 ? ['', ...parts] : ['', parts[0], '']
  const known = scheme === '' || scheme === 'http' || scheme === 'https'
  if (parts.length > 3 || !known || !name) throw badRequest(`invalid proxy request "${text}"`)
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' }
}

/** A pod's address; without a port, the first one its containers declare. */
export function podTarget(core: Core, key: ObjectKey): Target {
  const { scheme, name, port } = parseProxyName(key.name)
  const pod = core.store.get(storeKey(pods, { ...key, name }))?.value as Pod | undefined
  if (!pod) throw notFound(pods, name)
  const host = pod.status?.podIP
  if (!host) throw badRequest(`address not allowed: pod "${name}" has no address yet`)
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? [])[0]
    ?.containerPort
  return { scheme, host, port: portNumber(port, declared ?? (scheme === 'https' ? 443 : 80)) }
}

function portNumber(text: string, otherwise: number): number {
  if (text === '') return otherwise
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw badRequest(`invalid port "${text}"`)
}

/** A ready endpoint of the service, drawn at random; the port by its number or name. */
export function serviceTarget(core: Core, key: ObjectKey): Target {
  const { scheme, name, port } = parseProxyName(key.name)
  const service = core.store.get(storeKey(services, { ...key, name }))?.value as Service | undefined
  if (!service) throw notFound(services, name)
  const portName = servicePortName(service, port)
  const targets = slicesOf(core, key.namespace ?? '', name).flatMap((slice) => {
    const number = slice.ports?.find((candidate) => (candidate.name ?? '') === portName)?.port
    if (number === undefined) return []
    return slice.endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses)
      .map((host): Target => ({ scheme, host, port: number }))
  })
  const target = targets.length > 0 ? targets[randomInt(targets.length)] : undefined
  if (!target) throw unavailable(`no endpoints available for service "${key.name}"`)
  return target
}

function servicePortName(service: Service, asked: string): string {
  const ports = service.spec.ports ?? []
  const { name = '' } = service.metadata
  const found =
    asked === ''
      ? ports[0]
      : ports.find((port) => String(port.port) === asked || port.name === asked)
  if (found) return found.name ?? ''
  throw unavailable(`no service port "${asked}" found for service "${name}"`)
}

function slicesOf(core: Core, namespace: string, service: string): EndpointSlice[] {
  return core.store
    .list(prefixOf(endpointSlices, namespace))
    .entries.map((entry) => entry.value as EndpointSlice)
    .filter((slice) => slice.metadata.labels?.[SERVICE_NAME_LABEL] === service)
}
