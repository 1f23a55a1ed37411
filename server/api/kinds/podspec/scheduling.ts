// Where a pod may run (core/validation ValidateTolerations, validateTopologySpreadConstraints).
import type {
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from '../../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import { duplicate, invalid, notSupported, oneOf, required } from '../rules/causes.ts'
import { follows, labelsFollow, selectorFollows } from '../rules/fields.ts'
import { labelValue, qualifiedName } from '../rules/names.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function tolerationCauses(toleration: Toleration, at: string): StatusCause[] {
  const { key = '', operator = 'Equal', value = '', effect, tolerationSeconds } = toleration
  const causes = key ? follows(qualifiedName, `${at}.key`, key) : []
  if (!key && operator !== 'Exists') {
    const why =
      'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    causes.push(invalid(`${at}.operator`, toleration.operator ?? '', why))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    causes.push(invalid(`${at}.effect`, effect ?? '', why))
  }
  if (operator === 'Equal') causes.push(...follows(labelValue, `${at}.operator`, value))
  else if (operator !== 'Exists') {
    causes.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
  } else if (value) {
    causes.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
  }
  return effect ? [...causes, ...oneOf(`${at}.effect`, effect, EFFECTS)] : causes
}

function spreadCauses(constraint: TopologySpreadConstraint, at: string): StatusCause[] {
  const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint
  const causes: StatusCause[] = []
  if (!(maxSkew > 0))
    causes.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'))
  if (!topologyKey) causes.push(required(`${at}.topologyKey`, 'can not be empty'))
  else causes.push(...follows(qualifiedName, `${at}.topologyKey`, topologyKey))
  const actions = ['DoNotSchedule', 'ScheduleAnyway']
  if (!actions.includes(whenUnsatisfiable)) {
    causes.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? '', actions))
  }
  return labelSelector
    ? [...causes, ...selectorFollows(`${at}.labelSelector`, labelSelector)]
    : causes
}

export function schedulingCauses(spec: PodSpec, at: string): StatusCause[] {
  const seen = new Set<string>()
  return [
    ...labelsFollow(`${at}.nodeSelector`, spec.nodeSelector),
    ...(spec.tolerations ?? []).flatMap((toleration, i) =>
      tolerationCauses(toleration, `${at}.tolerations[${i}]`),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap((constraint, i) => {
      const field = `${at}.topologySpreadConstraints[${i}]`
      const causes = spreadCauses(constraint, field)
      const { topologyKey, whenUnsatisfiable } = constraint
      const id = `{${topologyKey}, ${whenUnsatisfiable}}`
      if (seen.has(id)) causes.push(duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, id))
      seen.add(id)
      return causes
    }),
  ]
}
