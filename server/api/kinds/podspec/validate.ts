// A pod spec, in pods and in templates (pkg/apis/core/validation ValidatePodSpec). `at` is the spec's own field path.
import type { Container, ContainerPort, PodSpec } from '../../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import {
  duplicate,
  forbidden,
  invalid,
  notNegative,
  notSupported,
  oneOf,
  required,
} from '../rules/causes.ts'
import { follows, PROTOCOLS } from '../rules/fields.ts'
import { isPort, label, PORT_RANGE, portName, qualifiedName, subdomain } from '../rules/names.ts'
import { affinityCauses } from './affinity.ts'
import { envCauses, envFromCauses } from './environment.ts'
import { handlersOf, noHandlers } from './handlers.ts'
import { resourceCauses } from './resources.ts'
import { schedulingCauses } from './scheduling.ts'
import { unsupportedCauses } from './unsupported.ts'
import { mountCauses, volumesCauses } from './volumes.ts'

function portsCauses(ports: ContainerPort[] | undefined, at: string): StatusCause[] {
  const names = new Set<string>()
  return (ports ?? []).flatMap(({ name, containerPort, protocol }, i) => {
    const causes = name ? follows(portName, `${at}[${i}].name`, name) : []
    if (name && names.has(name)) causes.push(duplicate(`${at}[${i}].name`, name))
    if (name) names.add(name)
    if (!containerPort) causes.push(required(`${at}[${i}].containerPort`))
    else if (!isPort(containerPort)) {
      causes.push(invalid(`${at}[${i}].containerPort`, containerPort, PORT_RANGE))
    }
    return [...causes, ...oneOf(`${at}[${i}].protocol`, protocol, [...PROTOCOLS].sort())]
  })
}

function imageCauses({ image = '' }: Container, at: string): StatusCause[] {
  if (image === '') return [required(`${at}.image`)]
  if (image.trim() === image) return []
  return [invalid(`${at}.image`, image, 'must not have leading or trailing whitespace')]
}

function containerCauses(
  container: Container,
  volumes: ReadonlySet<string>,
  at: string,
): StatusCause[] {
  return [
    ...(container.name ? follows(label, `${at}.name`, container.name) : [required(`${at}.name`)]),
    ...imageCauses(container, at),
    ...oneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...oneOf(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, [
      'FallbackToLogsOnError',
      'File',
    ]),
    ...portsCauses(container.ports, `${at}.ports`),
    ...envCauses(container.env, `${at}.env`),
    ...envFromCauses(container.envFrom, `${at}.envFrom`),
    ...mountCauses(container.volumeMounts, volumes, `${at}.volumeMounts`),
    ...resourceCauses(container.resources, `${at}.resources`),
  ]
}

function containersCauses(spec: PodSpec, at: string): StatusCause[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name))
  const names = new Set<string>()
  const each = (list: Container[], field: string, handlers: typeof handlersOf) =>
    list.flatMap((container, i) => {
      const causes = containerCauses(container, volumes, `${field}[${i}]`)
      const { name } = container
      if (name && names.has(name)) causes.push(duplicate(`${field}[${i}].name`, name))
      names.add(name)
      return [...causes, ...handlers(container, `${field}[${i}]`)]
    })
  return [
    ...(containers.length === 0 ? [required(`${at}.containers`)] : []),
    ...each(containers, `${at}.containers`, handlersOf),
    ...each(initContainers, `${at}.initContainers`, noHandlers),
    ...each(ephemeralContainers, `${at}.ephemeralContainers`, noHandlers),
  ]
}

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MAX_DEADLINE = 2 ** 31 - 1

function lifetimeCauses(spec: PodSpec, at: string): StatusCause[] {
  const { activeDeadlineSeconds: deadline } = spec
  const causes = notNegative(
    `${at}.terminationGracePeriodSeconds`,
    spec.terminationGracePeriodSeconds,
  )
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_DEADLINE)) {
    const why = `must be between 1 and ${MAX_DEADLINE}, inclusive`
    causes.push(invalid(`${at}.activeDeadlineSeconds`, deadline, why))
  }
  return causes
}

function namesCauses(spec: PodSpec, at: string): StatusCause[] {
  const rules = [
    ['nodeName', subdomain],
    ['serviceAccountName', subdomain],
    ['hostname', label],
    ['subdomain', label],
  ] as const
  return [
    ...rules.flatMap(([field, rule]) => {
      const value = spec[field]
      return value ? follows(rule, `${at}.${field}`, value) : []
    }),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, i) =>
      follows(qualifiedName, `${at}.readinessGates[${i}].conditionType`, conditionType ?? ''),
    ),
  ]
}

/** Specs that were found right: pods come in hundreds of the same. */
const right = new Set<string>()
const MOST_REMEMBERED = 1_000
/** The one part of a pod's spec that is drawn for each pod (pod-admission.ts). */
const DRAWN_NAME = /"kube-api-access-[a-z0-9]{5}"/

function textOf(spec: PodSpec, at: string): string {
  const text = `${at} ${JSON.stringify(spec)}`
  const drawn = DRAWN_NAME.exec(text)?.[0]
  // What stands in its place could be no name, so no other spec reads the same.
  return drawn === undefined ? text : text.replaceAll(drawn, '"*"')
}

/** Everything that is wrong with a defaulted pod spec. */
export function validatePodSpec(spec: PodSpec, at: string): StatusCause[] {
  const text = textOf(spec, at)
  if (right.has(text)) return []
  const causes = podSpecCauses(spec, at)
  if (causes.length > 0) return causes
  if (right.size >= MOST_REMEMBERED) right.clear()
  right.add(text)
  return causes
}

function podSpecCauses(spec: PodSpec, at: string): StatusCause[] {
  const { restartPolicy, dnsPolicy } = spec
  return [
    ...volumesCauses(spec.volumes, `${at}.volumes`),
    ...containersCauses(spec, at),
    ...(RESTART_POLICIES.includes(restartPolicy ?? '')
      ? []
      : [notSupported(`${at}.restartPolicy`, restartPolicy, RESTART_POLICIES)]),
    ...oneOf(`${at}.dnsPolicy`, dnsPolicy, DNS_POLICIES),
    ...lifetimeCauses(spec, at),
    ...namesCauses(spec, at),
    ...schedulingCauses(spec, at),
    ...affinityCauses(spec, at),
    ...(at !== 'spec' && spec.ephemeralContainers?.length
      ? [forbidden(`${at}.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
    ...unsupportedCauses(spec, at),
  ]
}
