// Which nodes and which other pods a pod wants to be near (core/validation validateAffinity).
import type { LabelSelector } from '../../../../shared/kubernetes/meta.ts'
import type { PodSpec } from '../../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import { forbidden, invalid, notImplemented, required } from '../rules/causes.ts'
import { follows, selectorFollows } from '../rules/fields.ts'
import { qualifiedName } from '../rules/names.ts'

interface Requirement {
  key?: string
  operator?: string
  values?: string[]
}

interface NodeTerm {
  matchExpressions?: Requirement[]
  matchFields?: Requirement[]
}

interface PodTerm {
  labelSelector?: LabelSelector
  topologyKey?: string
}

interface Weighted {
  weight?: number
}

interface Preferences<Required, Preferred> {
  requiredDuringSchedulingIgnoredDuringExecution?: Required
  preferredDuringSchedulingIgnoredDuringExecution?: (Preferred & Weighted)[]
}

interface Affinity {
  nodeAffinity?: Preferences<{ nodeSelectorTerms?: NodeTerm[] }, { preference?: NodeTerm }>
  podAffinity?: Preferences<PodTerm[], { podAffinityTerm?: PodTerm }>
  podAntiAffinity?: Preferences<PodTerm[], { podAffinityTerm?: PodTerm }>
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

function valuesCauses(operator: string, values: string[], at: string): StatusCause[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length === 0) return []
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      return [forbidden(`${at}.values`, why)]
    }
    case 'Gt':
    case 'Lt': {
      if (values.length === 1) return []
      const why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
      return [required(`${at}.values`, why)]
    }
    default:
      return [invalid(`${at}.operator`, operator, 'not a valid selector operator')]
  }
}

function expressionCauses({ key = '', operator = '', values = [] }: Requirement, at: string) {
  return [...valuesCauses(operator, values, at), ...follows(qualifiedName, `${at}.key`, key)]
}

/** Only a node's name can be matched as a field. */
function fieldCauses({ key = '', operator = '', values = [] }: Requirement, at: string) {
  const causes: StatusCause[] = []
  if (!['In', 'NotIn'].includes(operator)) {
    causes.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    causes.push(required(`${at}.values`, why))
  }
  if (key !== 'metadata.name') {
    causes.push(invalid(`${at}.key`, key, 'not a valid field selector key'))
  }
  return causes
}

function nodeTermCauses({ matchExpressions = [], matchFields = [] }: NodeTerm, at: string) {
  return [
    ...matchExpressions.flatMap((requirement, i) =>
      expressionCauses(requirement, `${at}.matchExpressions[${i}]`),
    ),
    ...matchFields.flatMap((requirement, i) => fieldCauses(requirement, `${at}.matchFields[${i}]`)),
  ]
}

function weightCauses({ weight = 0 }: Weighted, at: string): StatusCause[] {
  return weight >= 1 && weight <= 100
    ? []
    : [invalid(`${at}.weight`, weight, 'must be in the range 1-100')]
}

function nodeCauses(affinity: NonNullable<Affinity['nodeAffinity']>, at: string): StatusCause[] {
  const { [REQUIRED]: needs, [PREFERRED]: wishes = [] } = affinity
  const terms = needs?.nodeSelectorTerms ?? []
  const list = `${at}.${REQUIRED}.nodeSelectorTerms`
  return [
    ...(needs && terms.length === 0
      ? [required(list, 'must have at least one node selector term')]
      : []),
    ...terms.flatMap((term, i) => nodeTermCauses(term, `${list}[${i}]`)),
    ...wishes.flatMap((wish, i) => [
      ...weightCauses(wish, `${at}.${PREFERRED}[${i}]`),
      ...nodeTermCauses(wish.preference ?? {}, `${at}.${PREFERRED}[${i}].preference`),
    ]),
  ]
}

/** What the scheduler does not look at. */
const UNREAD = ['matchLabelKeys', 'mismatchLabelKeys', 'namespaceSelector'] as const

function podTermCauses(term: PodTerm, at: string): StatusCause[] {
  const { labelSelector, topologyKey } = term
  return [
    ...(labelSelector ? selectorFollows(`${at}.labelSelector`, labelSelector) : []),
    ...(topologyKey
      ? follows(qualifiedName, `${at}.topologyKey`, topologyKey)
      : [required(`${at}.topologyKey`, 'can not be empty')]),
    ...UNREAD.filter((field) => field in term).map((field) => notImplemented(`${at}.${field}`)),
  ]
}

function podCauses(affinity: NonNullable<Affinity['podAffinity']>, at: string): StatusCause[] {
  const { [REQUIRED]: needs = [], [PREFERRED]: wishes = [] } = affinity
  return [
    ...needs.flatMap((term, i) => podTermCauses(term, `${at}.${REQUIRED}[${i}]`)),
    ...wishes.flatMap((wish, i) => [
      ...weightCauses(wish, `${at}.${PREFERRED}[${i}]`),
      ...podTermCauses(wish.podAffinityTerm ?? {}, `${at}.${PREFERRED}[${i}].podAffinityTerm`),
    ]),
  ]
}

export function affinityCauses(spec: PodSpec, at: string): StatusCause[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = (spec.affinity ?? {}) as Affinity
  return [
    ...(nodeAffinity ? nodeCauses(nodeAffinity, `${at}.affinity.nodeAffinity`) : []),
    ...(podAffinity ? podCauses(podAffinity, `${at}.affinity.podAffinity`) : []),
    ...(podAntiAffinity ? podCauses(podAntiAffinity, `${at}.affinity.podAntiAffinity`) : []),
  ]
}
