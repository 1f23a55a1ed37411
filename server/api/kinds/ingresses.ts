// Ingress and IngressClass, networking.k8s.io/v1: defaults, admission of the default class, columns.
import type { Ingress, IngressClass } from '../../../shared/kubernetes/ingress.ts'
import {
  defaultIngressClass,
  INGRESS_CLASS_ANNOTATION,
} from '../../../shared/kubernetes/ingress.ts'
import { ingressClasses, ingresses } from '../../../shared/kubernetes/kinds.ts'
import { invalid as refused, type StatusCause } from '../../../shared/status.ts'
import { ingressCauses, referenceCauses } from './ingress-causes.ts'
import { forbidden, immutable, invalid, notSupported, required, tooLong } from './rules/causes.ts'
import { follows, nameFollows } from './rules/fields.ts'
import { domainPath, label, subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, NONE, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

const SHOWN_HOSTS = 3
const SHOWN_ADDRESS = 16
const MAX_CONTROLLER_BYTES = 250

/** The first three hosts; `*` when no rule names one (printers.go formatHosts). */
function hostsText({ spec }: Ingress): string {
  const { rules = [] } = spec
  const shown: string[] = []
  for (const { host } of rules) {
    if (shown.length === SHOWN_HOSTS) {
      return `${shown.join(',')} + ${rules.length - SHOWN_HOSTS} more...`
    }
    if (host) shown.push(host)
  }
  return shown.join(',') || '*'
}

function addressText({ status }: Ingress): string {
  const all = status?.loadBalancer?.ingress ?? []
  const list = [...new Set(all.map(({ ip, hostname }) => ip || hostname || '').filter(Boolean))]
  const joined = list.join(',')
  return joined.length > SHOWN_ADDRESS ? `${joined.slice(0, SHOWN_ADDRESS - 3)}...` : joined
}

/** `kubernetes.io/ingress.class` and the field must agree when both are given at a create. */
function annotationCauses({ metadata, spec }: Ingress): StatusCause[] {
  const named = metadata.annotations?.[INGRESS_CLASS_ANNOTATION]
  const { ingressClassName } = spec
  if (named === undefined || ingressClassName === undefined || named === ingressClassName) return []
  const why = 'must match `ingressClassName` when both are specified'
  return [invalid(`annotations.${INGRESS_CLASS_ANNOTATION}`, named, why)]
}

export const ingressStrategy: Strategy<Ingress> = {
  kind: ingresses,
  subresources: ['status'],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Class', ({ spec }) => spec.ingressClassName ?? NONE),
    text('Hosts', hostsText),
    text('Address', addressText),
    text('Ports', ({ spec }) => (spec.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
  default(ingress) {
    ingress.spec ??= {}
  },
  prepareForCreate(ingress, context) {
    ingress.status = { loadBalancer: {} }
    const causes = annotationCauses(ingress)
    if (causes.length > 0) throw refused(ingresses, ingress.metadata.name ?? '', causes)
    if (ingress.spec.ingressClassName !== undefined) return
    if (ingress.metadata.annotations?.[INGRESS_CLASS_ANNOTATION] !== undefined) {
      context.warn(
        `annotation "${INGRESS_CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`,
      )
      return
    }
    const found = defaultIngressClass(context.readAll(ingressClasses))?.metadata.name
    if (found) ingress.spec.ingressClassName = found
  },
  validate: (ingress) => [...nameFollows(subdomain, ingress), ...ingressCauses(ingress)],
}

function controllerCauses(controller: string | undefined): StatusCause[] {
  const field = 'spec.controller'
  if (!controller) return [required(field)]
  const long = Buffer.byteLength(controller) > MAX_CONTROLLER_BYTES
  return [
    ...(long ? [tooLong(field, MAX_CONTROLLER_BYTES)] : []),
    ...follows(domainPath, field, controller),
  ]
}

function parametersCauses({ spec }: IngressClass): StatusCause[] {
  const parameters = spec?.parameters
  if (!parameters) return []
  const field = 'spec.parameters'
  const { scope, namespace } = parameters
  const causes = referenceCauses(field, parameters)
  if (scope !== 'Cluster' && scope !== 'Namespace') {
    causes.push(notSupported(`${field}.scope`, scope, ['Cluster', 'Namespace']))
  } else if (scope === 'Cluster' && namespace !== undefined) {
    causes.push(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  } else if (scope === 'Namespace') {
    const why = "`parameters.scope` is set to 'Namespace'"
    if (namespace === undefined) causes.push(required(`${field}.namespace`, why))
    else causes.push(...follows(label, `${field}.namespace`, namespace))
  }
  return causes
}

function parametersText({ spec }: IngressClass): string {
  const { kind, apiGroup, name } = spec?.parameters ?? {}
  if (kind === undefined) return NONE
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`
}

export const ingressClassStrategy: Strategy<IngressClass> = {
  kind: ingressClasses,
  subresources: [],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Controller', ({ spec }) => spec?.controller ?? ''),
    text('Parameters', parametersText),
    ageColumn,
  ],
  default({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  validate: (ingressClass) => [
    ...nameFollows(subdomain, ingressClass),
    ...controllerCauses(ingressClass.spec?.controller),
    ...parametersCauses(ingressClass),
  ],
  validateUpdate: (ingressClass, old) => {
    const controller = ingressClass.spec?.controller
    const same = controller === old.spec?.controller
    return same ? [] : [immutable('spec.controller', controller ?? '')]
  },
}
