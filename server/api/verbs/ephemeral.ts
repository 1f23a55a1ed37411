// pods/ephemeralcontainers: containers added to a pod that runs, to look into it (core/validation
// ValidatePodEphemeralContainersUpdate).
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { EphemeralContainer, Pod } from '../../../shared/kubernetes/pod.ts'
import { invalid as invalidObject, type StatusCause } from '../../../shared/status.ts'
import { defaultContainer } from '../kinds/podspec/defaults.ts'
import { forbidden, invalid, notFound } from '../kinds/rules/causes.ts'
import { same } from '../kinds/rules/fields.ts'
import { validatePodSpec } from '../kinds/podspec/validate.ts'
import { copyOf } from '../values.ts'

const FIELD = 'spec.ephemeralContainers'
/** What makes no sense in a container that never restarts and serves nothing. */
const NOT_ALLOWED = [
  'ports',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

/** The pod with the ephemeral containers of `wanted`, and nothing else of it. @throws ApiError 422 */
export function nextEphemeral(old: KubeObject, wanted: KubeObject): KubeObject {
  const pod = old as Pod
  const known = pod.spec.ephemeralContainers ?? []
  const containers = copyOf((wanted as Partial<Pod>).spec?.ephemeralContainers ?? [])
  for (const container of containers) defaultContainer(container)
  const spec = { ...pod.spec, ephemeralContainers: containers }
  const causes = [
    ...keptCauses(containers, known),
    ...containers.flatMap((container, i) => ownCauses(container, pod, `${FIELD}[${i}]`)),
    ...validatePodSpec(spec, 'spec'),
  ]
  if (causes.length > 0) throw invalidObject({ kind: 'Pod' }, pod.metadata.name ?? '', causes)
  return { ...pod, spec } as KubeObject
}

/** They are only ever added. */
function keptCauses(containers: EphemeralContainer[], known: EphemeralContainer[]): StatusCause[] {
  return known.flatMap((before) => {
    const now = containers.find(({ name }) => name === before.name)
    const what = `existing ephemeral containers "${before.name}" may not be`
    if (!now) return [forbidden(FIELD, `${what} removed`)]
    return same(now, before) ? [] : [forbidden(FIELD, `${what} changed`)]
  })
}

function ownCauses(container: EphemeralContainer, { spec }: Pod, at: string): StatusCause[] {
  const { targetContainerName: target } = container
  const causes = NOT_ALLOWED.filter((field) => container[field] !== undefined).map((field) =>
    forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container'),
  )
  const { requests, limits } = container.resources ?? {}
  if (requests ?? limits) {
    causes.push(invalid(`${at}.resources`, container.resources, 'cannot be set'))
  }
  const found = !target || spec.containers.some(({ name }) => name === target)
  return found ? causes : [...causes, notFound(`${at}.targetContainerName`, target)]
}
