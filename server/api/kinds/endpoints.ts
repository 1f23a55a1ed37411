// Endpoints (core/v1) and EndpointSlice (discovery.k8s.io/v1).
import { endpoints, endpointSlices } from '../../../shared/kubernetes/kinds.ts'
import type {
  Endpoints,
  EndpointSlice,
  EndpointSubset,
} from '../../../shared/kubernetes/network.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { duplicate, immutable, invalid, notSupported, required } from './rules/causes.ts'
import { nameFollows, protocolCauses } from './rules/fields.ts'
import { isIPv4, isPort, PORT_RANGE, subdomain } from './rules/names.ts'
import { ageColumn, firstThree, nameColumn, NONE, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

const NOT_AN_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

function ipCauses(field: string, ip: string | undefined): StatusCause[] {
  return ip && isIPv4(ip) ? [] : [invalid(field, ip ?? '', NOT_AN_IP)]
}

function portCauses(field: string, port: number | undefined): StatusCause[] {
  return port !== undefined && isPort(port) ? [] : [invalid(field, port ?? 0, PORT_RANGE)]
}

function subsetCauses(subset: EndpointSubset, at: string): StatusCause[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  const causes: StatusCause[] = []
  if (addresses.length + notReadyAddresses.length === 0) {
    causes.push(required(at, 'must specify `addresses` or `notReadyAddresses`'))
  }
  addresses.forEach(({ ip }, i) => causes.push(...ipCauses(`${at}.addresses[${i}].ip`, ip)))
  notReadyAddresses.forEach(({ ip }, i) =>
    causes.push(...ipCauses(`${at}.notReadyAddresses[${i}].ip`, ip)),
  )
  ports.forEach(({ name, port, protocol }, i) => {
    if (ports.length > 1 && !name) causes.push(required(`${at}.ports[${i}].name`))
    causes.push(...portCauses(`${at}.ports[${i}].port`, port))
    causes.push(...protocolCauses(`${at}.ports[${i}].protocol`, protocol))
  })
  return causes
}

/** `10.0.0.1:80` for every ready address and port, at most three (formatEndpoints). */
function addressTexts({ subsets = [] }: Endpoints): string[] {
  return subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip)
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`))
  })
}

export const endpointsStrategy: Strategy<Endpoints> = {
  kind: endpoints,
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    text('Endpoints', (object) => firstThree(addressTexts(object), NONE)),
    ageColumn,
  ],
  default({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ??= 'TCP'
  },
  validate: (object) => [
    ...nameFollows(subdomain, object),
    ...(object.subsets ?? []).flatMap((subset, i) => subsetCauses(subset, `subsets[${i}]`)),
  ],
}

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']

function slicePortCauses({ ports = [] }: EndpointSlice): StatusCause[] {
  const seen = new Set<string>()
  return ports.flatMap(({ name = '', port, protocol }, i) => {
    const at = `ports[${i}]`
    const causes = protocolCauses(`${at}.protocol`, protocol)
    if (seen.has(name)) causes.push(duplicate(`${at}.name`, name))
    seen.add(name)
    return port === undefined ? causes : [...causes, ...portCauses(`${at}.port`, port)]
  })
}

function sliceCauses(slice: EndpointSlice): StatusCause[] {
  if (!slice.addressType) return [required('addressType')]
  if (!ADDRESS_TYPES.includes(slice.addressType)) {
    return [notSupported('addressType', slice.addressType, ADDRESS_TYPES)]
  }
  return (slice.endpoints ?? []).flatMap((endpoint, i) => {
    const addresses = endpoint.addresses ?? []
    const at = `endpoints[${i}].addresses`
    if (addresses.length === 0) return [required(at, 'must contain at least 1 address')]
    if (slice.addressType !== 'IPv4') return []
    return addresses.flatMap((address, j) => ipCauses(`${at}[${j}]`, address))
  })
}

export const endpointSliceStrategy: Strategy<EndpointSlice> = {
  kind: endpointSlices,
  subresources: [],
  hasGeneration: false,
  columns: [
    nameColumn,
    text('AddressType', ({ addressType }) => addressType),
    text('Ports', ({ ports }) =>
      firstThree(
        (ports ?? []).map(({ port, name }) => String(port ?? (name || '*'))),
        '<unset>',
      ),
    ),
    text('Endpoints', (slice) =>
      firstThree(
        slice.endpoints.flatMap(({ addresses }) => addresses),
        '<unset>',
      ),
    ),
    ageColumn,
  ],
  default(slice) {
    slice.endpoints ??= []
    for (const port of slice.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  validate: (slice) => [
    ...nameFollows(subdomain, slice),
    ...sliceCauses(slice),
    ...slicePortCauses(slice),
  ],
  validateUpdate: (slice, old) =>
    slice.addressType === old.addressType ? [] : [immutable('addressType', slice.addressType)],
}
