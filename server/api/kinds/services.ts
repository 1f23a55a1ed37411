import { services } from '../../../shared/kubernetes/kinds.ts'
import type { Service, ServicePort, ServiceSpec } from '../../../shared/kubernetes/network.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { duplicate, forbidden, invalid, notImplemented, oneOf, required } from './rules/causes.ts'
import { follows, labelsFollow, nameFollows, protocolCauses, same } from './rules/fields.ts'
import { isIPv4, isPort, label, label1035, PORT_RANGE, portName } from './rules/names.ts'
import { ageColumn, formatLabels, nameColumn, NONE, text } from './rules/print.ts'
import { allocate, hasAddress, hasNodePorts, keepAllocated } from './service-addresses.ts'
import type { Strategy } from './strategy.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/** core/v1 SetDefaults_Service, and the address families of a cluster that knows only IPv4. */
function defaultSpec(spec: ServiceSpec): void {
  spec.sessionAffinity ||= 'None'
  spec.type ||= 'ClusterIP'
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {}
    spec.sessionAffinityConfig.clientIP ??= {}
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= 10_800
  }
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    port.targetPort ||= port.port
  }
  if (hasNodePorts(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type === 'ExternalName') return
  spec.internalTrafficPolicy ||= 'Cluster'
  spec.ipFamilies ??= ['IPv4']
  spec.ipFamilyPolicy ||= 'SingleStack'
  if (spec.clusterIPs?.[0] && !spec.clusterIP) spec.clusterIP = spec.clusterIPs[0]
}

function targetCauses(at: string, target: number | string | undefined): StatusCause[] {
  if (typeof target === 'string') return follows(portName, at, target)
  return target === undefined || isPort(target) ? [] : [invalid(at, target, PORT_RANGE)]
}

function portCauses(port: ServicePort, only: boolean, at: string): StatusCause[] {
  const causes: StatusCause[] = []
  if (!port.name) {
    if (!only) causes.push(required(`${at}.name`))
  } else causes.push(...follows(label, `${at}.name`, port.name))
  if (!isPort(port.port)) causes.push(invalid(`${at}.port`, port.port ?? 0, PORT_RANGE))
  return [
    ...causes,
    ...protocolCauses(`${at}.protocol`, port.protocol),
    ...targetCauses(`${at}.targetPort`, port.targetPort),
  ]
}

function portsCauses(spec: ServiceSpec): StatusCause[] {
  const { ports = [] } = spec
  const names = new Set<string>()
  const numbers = new Set<string>()
  const causes: StatusCause[] = []
  if (ports.length === 0 && hasAddress(spec)) causes.push(required('spec.ports'))
  ports.forEach((port, i) => {
    const at = `spec.ports[${i}]`
    causes.push(...portCauses(port, ports.length === 1, at))
    if (port.name && names.has(port.name)) causes.push(duplicate(`${at}.name`, port.name))
    names.add(port.name ?? '')
    const number = `${port.protocol}/${port.port}`
    if (numbers.has(number)) {
      causes.push(duplicate(at, { port: port.port, protocol: port.protocol }))
    }
    numbers.add(number)
    if (port.nodePort && !hasNodePorts(spec)) {
      const why = `may not be used when \`type\` is '${spec.type}'`
      causes.push(forbidden(`${at}.nodePort`, why))
    }
  })
  return causes
}

function addressCauses({ clusterIP, clusterIPs, type }: ServiceSpec): StatusCause[] {
  if (!clusterIP) return []
  const causes: StatusCause[] = []
  if (clusterIP === 'None') {
    if (type === 'NodePort' || type === 'LoadBalancer') {
      causes.push(
        invalid('spec.clusterIPs[0]', clusterIP, `may not be set to 'None' for ${type} services`),
      )
    }
  } else if (!isIPv4(clusterIP)) {
    const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
    causes.push(invalid('spec.clusterIPs[0]', clusterIP, why))
  }
  if (clusterIPs?.[0] !== undefined && clusterIPs[0] !== clusterIP) {
    const why = 'first value of `clusterIPs` must match `clusterIP`'
    causes.push(invalid('spec.clusterIPs', clusterIPs, why))
  }
  if ((clusterIPs?.length ?? 0) > 1) {
    causes.push(invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 1 value'))
  }
  return causes
}

/** What Podium's network does not do. */
function unsupportedCauses(spec: ServiceSpec): StatusCause[] {
  const { ipFamilies = [], ipFamilyPolicy, externalIPs = [] } = spec
  const causes: StatusCause[] = []
  if (spec.type === 'ExternalName') {
    causes.push(forbidden('spec.type', 'ExternalName services are not implemented by Podium'))
  }
  externalIPs.forEach((address, i) => {
    if (address.startsWith('127.') && isIPv4(address)) return
    const why = 'only loopback addresses are implemented by Podium'
    causes.push(forbidden(`spec.externalIPs[${i}]`, why))
  })
  ;(spec.ports ?? []).forEach(({ protocol }, i) => {
    if (protocol === 'SCTP') causes.push(notImplemented(`spec.ports[${i}].protocol`))
  })
  if (ipFamilies.some((family) => family !== 'IPv4')) {
    causes.push(invalid('spec.ipFamilies[0]', ipFamilies[0], 'not configured on this cluster'))
  }
  if (ipFamilyPolicy === 'RequireDualStack') {
    const why = 'this cluster is not configured for dual-stack services'
    causes.push(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, why))
  }
  return causes
}

function validateService(service: Service): StatusCause[] {
  const { spec } = service
  return [
    ...nameFollows(label1035, service),
    ...oneOf('spec.type', spec.type, TYPES),
    ...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    ...oneOf('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']),
    ...oneOf('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']),
    ...portsCauses(spec),
    ...labelsFollow('spec.selector', spec.selector),
    ...addressCauses(spec),
    ...unsupportedCauses(spec),
  ]
}

/** A service keeps its address for life, unless it had none or gives up having one. */
function addressChange({ spec }: Service, { spec: old }: Service): StatusCause[] {
  if (!old.clusterIP || old.type === 'ExternalName' || spec.type === 'ExternalName') return []
  if (spec.clusterIP === old.clusterIP && same(spec.clusterIPs, old.clusterIPs)) return []
  return [invalid('spec.clusterIPs[0]', [spec.clusterIP ?? ''], 'may not change once set')]
}

function externalText({ spec, status }: Service): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? ''
  if (spec.type !== 'LoadBalancer') return spec.externalIPs?.join(',') || NONE
  const ingress = status?.loadBalancer?.ingress ?? []
  return ingress.map(({ ip, hostname }) => ip ?? hostname ?? '').join(',') || '<pending>'
}

function portsText({ spec }: Service): string {
  const texts = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  )
  return texts.join(',') || NONE
}

export const serviceStrategy: Strategy<Service> = {
  kind: services,
  categories: ['all'],
  subresources: ['status', 'proxy'],
  createsOnUpdate: true,
  hasGeneration: false,
  fields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
  columns: [
    nameColumn,
    text('Type', ({ spec }) => spec.type ?? ''),
    text('Cluster-IP', ({ spec }) => spec.clusterIPs?.[0] ?? NONE),
    text('External-IP', externalText),
    text('Port(s)', portsText),
    ageColumn,
    text('Selector', ({ spec }) => formatLabels(spec.selector), 1),
  ],
  default(service) {
    service.spec ??= {}
    defaultSpec(service.spec)
  },
  prepareForCreate(service, context) {
    service.status = { loadBalancer: {} }
    for (const field of ['internalTrafficPolicy', 'externalTrafficPolicy'] as const) {
      if (service.spec[field] !== 'Local') continue
      context.warn(
        `spec.${field}: Local is not implemented by Podium; traffic goes to all endpoints`,
      )
    }
    // What is wrong with the rest is said before addresses are given out.
    if (validateService(service).length === 0) allocate(service, context)
  },
  prepareForUpdate(service, old, context) {
    keepAllocated(service, old)
    const causes = [...validateService(service), ...addressChange(service, old)]
    if (causes.length === 0) allocate(service, context)
  },
  validate: validateService,
  validateUpdate: addressChange,
}
