// The addresses and ports that Services get from the API (registry/core/service/ipallocator, portallocator).
import { services } from '../../../shared/kubernetes/kinds.ts'
import type { Service, ServiceSpec } from '../../../shared/kubernetes/network.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { invalid as invalidObject } from '../../../shared/status.ts'
import { invalid } from './rules/causes.ts'
import { same } from './rules/fields.ts'
import type { StrategyContext } from './strategy.ts'

const FIRST_PORT = 30_000
const LAST_PORT = 32_767
/** Addresses below this one are left to those who ask for them. */
const FIRST_HOST = 256
const LAST_HOST = 65_534

/** FNV-1a: the same service tends to get the same address again. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash >>> 0
}

/** The first free number at or after the one `seed` points to; undefined when all are taken. */
function choose(
  seed: string,
  first: number,
  last: number,
  taken: (n: number) => boolean,
): number | undefined {
  const size = last - first + 1
  const start = hashOf(seed) % size
  for (let i = 0; i < size; i++) {
    const candidate = first + ((start + i) % size)
    if (!taken(candidate)) return candidate
  }
  return undefined
}

function refuse(service: Service, ...causes: StatusCause[]): never {
  throw invalidObject(services, service.metadata.name ?? '', causes)
}

export function hasAddress({ type, clusterIP }: ServiceSpec): boolean {
  return type !== 'ExternalName' && clusterIP !== 'None'
}

export function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

/** What all other services hold. */
interface Held {
  addresses: Set<string>
  ports: Set<string>
}

function heldByOthers(service: Service, context: StrategyContext): Held {
  const held: Held = { addresses: new Set(), ports: new Set() }
  for (const other of context.readAll(services)) {
    const { name, namespace } = other.metadata
    if (name === service.metadata.name && namespace === service.metadata.namespace) continue
    if (other.spec.clusterIP) held.addresses.add(other.spec.clusterIP)
    for (const { nodePort, protocol } of other.spec.ports ?? []) {
      if (nodePort) held.ports.add(`${protocol}/${nodePort}`)
    }
  }
  return held
}

/** `127.96.` of `127.96.0.0/16`. */
function prefixOf(cidr: string): string {
  return cidr.replace('0.0/16', '')
}

function isInRange(address: string, cidr: string): boolean {
  const prefix = prefixOf(cidr)
  const match = /^(\d+)\.(\d+)$/.exec(address.slice(prefix.length))
  if (!match || !address.startsWith(prefix)) return false
  const host = Number(match[1]) * 256 + Number(match[2])
  return Number(match[1]) < 256 && Number(match[2]) < 256 && host > 0 && host <= LAST_HOST
}

function allocateAddress(service: Service, held: Held, cidr: string): void {
  const { spec, metadata } = service
  if (spec.clusterIP) {
    const { clusterIP } = spec
    const fail = (why: string) =>
      refuse(
        service,
        invalid('spec.clusterIPs', [clusterIP], `failed to allocate IP ${clusterIP}: ${why}`),
      )
    if (!isInRange(clusterIP, cidr)) {
      fail(
        `the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is ${cidr}`,
      )
    }
    if (held.addresses.has(clusterIP)) fail('provided IP is already allocated')
  } else {
    const text = (host: number) => `${prefixOf(cidr)}${host >> 8}.${host & 255}`
    const seed = `${metadata.namespace}/${metadata.name}`
    const host = choose(seed, FIRST_HOST, LAST_HOST, (host) => held.addresses.has(text(host)))
    if (host === undefined) {
      refuse(
        service,
        invalid('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full'),
      )
    }
    spec.clusterIP = text(host)
  }
  spec.clusterIPs = [spec.clusterIP]
}

function allocatePorts(service: Service, held: Held): void {
  const { spec, metadata } = service
  const own = new Set<string>()
  const isTaken = (key: string) => held.ports.has(key) || own.has(key)
  ;(spec.ports ?? []).forEach((port, i) => {
    const protocol = port.protocol ?? 'TCP'
    const at = `spec.ports[${i}].nodePort`
    if (port.nodePort) {
      const fail = (why: string) => refuse(service, invalid(at, port.nodePort, why))
      if (port.nodePort < FIRST_PORT || port.nodePort > LAST_PORT) {
        fail(
          `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`,
        )
      }
      if (isTaken(`${protocol}/${port.nodePort}`)) fail('provided port is already allocated')
    } else {
      const seed = `${metadata.namespace}/${metadata.name}/${port.port}`
      const chosen = choose(seed, FIRST_PORT, LAST_PORT, (n) => isTaken(`${protocol}/${n}`))
      if (chosen === undefined) {
        refuse(service, invalid(at, 0, 'failed to allocate a nodePort: range is full'))
      }
      port.nodePort = chosen
    }
    own.add(`${protocol}/${port.nodePort}`)
  })
}

/**
 * Gives a service the addresses and node ports it needs and lacks; those it asks for must be free.
 * @throws ApiError 422
 */
export function allocate(service: Service, context: StrategyContext): void {
  const { spec } = service
  if (!hasAddress(spec) && !hasNodePorts(spec)) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
    return
  }
  const held = heldByOthers(service, context)
  if (hasAddress(spec)) allocateAddress(service, held, context.serviceCidr)
  if (hasNodePorts(spec)) allocatePorts(service, held)
}

/** What an update leaves out stays as it is (patchAllocatedValues, dropTypeDependentFields). */
export function keepAllocated({ spec }: Service, { spec: old }: Service): void {
  if (spec.type !== 'ExternalName' && old.type !== 'ExternalName') {
    spec.clusterIP ||= old.clusterIP ?? ''
    // Whoever changes one of the two and leaves the other means both (NormalizeClusterIPs).
    const stale = spec.clusterIP !== old.clusterIP && same(spec.clusterIPs, old.clusterIPs)
    if (stale || !spec.clusterIPs) spec.clusterIPs = spec.clusterIP ? [spec.clusterIP] : []
  }
  if (hasNodePorts(spec) && hasNodePorts(old)) {
    for (const port of spec.ports ?? []) {
      const before = old.ports?.find(
        (other) => other.port === port.port && other.protocol === port.protocol,
      )
      if (before?.nodePort && !port.nodePort) port.nodePort = before.nodePort
    }
  }
  if (!hasNodePorts(spec) && hasNodePorts(old)) {
    for (const port of spec.ports ?? []) {
      if (old.ports?.some(({ nodePort }) => nodePort === port.nodePort)) delete port.nodePort
    }
    delete spec.externalTrafficPolicy
  }
}
