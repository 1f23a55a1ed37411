// What may stand in an Ingress (pkg/apis/networking/validation/validation.go).
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressTLS,
} from '../../../shared/kubernetes/ingress.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { invalid, notSupported, required } from './rules/causes.ts'
import { follows } from './rules/fields.ts'
import {
  isIPv4,
  isPort,
  label1035,
  PORT_RANGE,
  portName,
  subdomain,
  wildcardSubdomain,
} from './rules/names.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_SUFFIXES = ['/..', '/.']

function hostCauses(field: string, host: string): StatusCause[] {
  return follows(host.includes('*') ? wildcardSubdomain : subdomain, field, host)
}

/** A name that can stand in a path (content.IsPathSegmentName). */
export function segmentCauses(field: string, name: string | undefined): StatusCause[] {
  if (!name) return [required(field)]
  if (name === '.' || name === '..') return [invalid(field, name, `may not be '${name}'`)]
  return ['/', '%']
    .filter((sign) => name.includes(sign))
    .map((sign) => invalid(field, name, `may not contain '${sign}'`))
}

/** Group, kind and name of an object beside this one. */
export function referenceCauses(
  field: string,
  reference: { apiGroup?: string; kind: string; name: string },
): StatusCause[] {
  const { apiGroup, kind, name } = reference
  return [
    ...(apiGroup === undefined ? [] : follows(subdomain, `${field}.apiGroup`, apiGroup)),
    ...segmentCauses(`${field}.kind`, kind),
    ...segmentCauses(`${field}.name`, name),
  ]
}

function portCauses(field: string, port: { name?: string; number?: number } = {}): StatusCause[] {
  const { name, number } = port
  if (name && number) return [invalid(field, '', 'cannot set both port name & port number')]
  if (name) return follows(portName, `${field}.service.port.name`, name)
  if (!number) return [required(field, 'port name or number is required')]
  return isPort(number) ? [] : [invalid(`${field}.service.port.number`, number, PORT_RANGE)]
}

function backendCauses(field: string, backend: IngressBackend | undefined): StatusCause[] {
  const { service, resource } = backend ?? {}
  if (service && resource) {
    return [invalid(field, '', 'cannot set both resource and service backends')]
  }
  if (resource) return referenceCauses(`${field}.resource`, resource)
  if (!service) return [invalid(field, '', 'resource or service backend is required')]
  const at = `${field}.service.name`
  return [
    ...(service.name ? follows(label1035, at, service.name) : [required(at)]),
    ...portCauses(field, service.port),
  ]
}

function pathCauses(field: string, { path = '', pathType, backend }: HTTPIngressPath) {
  if (!pathType) return [required(`${field}.pathType`, 'pathType must be specified')]
  const at = `${field}.path`
  const causes: StatusCause[] = []
  if (!PATH_TYPES.includes(pathType)) {
    causes.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES))
  } else if (pathType !== 'ImplementationSpecific' || path !== '') {
    if (!path.startsWith('/')) causes.push(invalid(at, path, 'must be an absolute path'))
  }
  if (pathType === 'Exact' || pathType === 'Prefix') {
    for (const bad of BAD_SEQUENCES) {
      if (path.includes(bad)) causes.push(invalid(at, path, `must not contain '${bad}'`))
    }
    for (const bad of BAD_SUFFIXES) {
      if (path.endsWith(bad)) causes.push(invalid(at, path, `cannot end with '${bad}'`))
    }
  }
  return [...causes, ...backendCauses(`${field}.backend`, backend)]
}

function ruleCauses(field: string, { host, http }: IngressRule): StatusCause[] {
  const at = `${field}.host`
  const causes: StatusCause[] = []
  if (host) {
    if (isIPv4(host)) causes.push(invalid(at, host, 'must be a DNS name, not an IP address'))
    causes.push(...hostCauses(at, host))
  }
  if (!http) return causes
  const paths = http.paths ?? []
  if (paths.length === 0) causes.push(required(`${field}.http.paths`))
  return [...causes, ...paths.flatMap((path, i) => pathCauses(`${field}.http.paths[${i}]`, path))]
}

function tlsCauses(field: string, { hosts = [], secretName }: IngressTLS): StatusCause[] {
  return [
    ...hosts.flatMap((host, i) => hostCauses(`${field}.hosts[${i}]`, host)),
    ...(secretName ? follows(subdomain, `${field}.secretName`, secretName) : []),
  ]
}

/** Everything that is wrong with an Ingress' spec (ValidateIngressSpec). */
export function ingressCauses({ spec }: Ingress): StatusCause[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec
  const causes: StatusCause[] = []
  if (rules.length === 0 && !defaultBackend) {
    causes.push(invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  }
  return [
    ...causes,
    ...(defaultBackend ? backendCauses('spec.defaultBackend', defaultBackend) : []),
    ...rules.flatMap((rule, i) => ruleCauses(`spec.rules[${i}]`, rule)),
    ...tls.flatMap((one, i) => tlsCauses(`spec.tls[${i}]`, one)),
    ...(ingressClassName === undefined
      ? []
      : follows(subdomain, 'spec.ingressClassName', ingressClassName)),
  ]
}
