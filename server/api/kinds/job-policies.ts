// Which failures of pods count, and when an Indexed Job has succeeded early (validatePodFailurePolicy,
// validateSuccessPolicy of pkg/apis/batch/validation).
import type { JobSpec, PodFailureRule, SuccessRule } from '../../../shared/kubernetes/batch.ts'
import { parseIndexes } from '../../../shared/indexes.ts'
import type { StatusCause } from '../../../shared/status.ts'
import {
  duplicate,
  invalid,
  invalidWhole,
  notNegative,
  notSupported,
  notTooMany,
  required,
} from './rules/causes.ts'
import { follows } from './rules/fields.ts'
import { qualifiedName } from './rules/names.ts'

const MOST_RULES = 20
const MOST_EXIT_CODES = 255
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']

/** A word that must be there and one of `words`. */
function wordCauses(field: string, word: string | undefined, words: string[]): StatusCause[] {
  const listed = `[${words.map((one) => `"${one}"`).join(' ')}]`
  if (!word) return [required(field, `valid values: ${listed}`)]
  return words.includes(word) ? [] : [notSupported(field, word, words)]
}

function codesCauses(
  { operator, values = [] }: NonNullable<PodFailureRule['onExitCodes']>,
  at: string,
): StatusCause[] {
  if (values.length === 0) return [invalid(at, values, 'at least one value is required')]
  const causes = notTooMany(at, values, MOST_EXIT_CODES)
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) {
      causes.push(invalid(`${at}[${i}]`, value, 'must not be 0 for the In operator'))
    }
    if (values.indexOf(value) < i) causes.push(duplicate(`${at}[${i}]`, value))
  }
  const ordered = values.every((value, i) => i === 0 || values[i - 1]! <= value)
  return ordered ? causes : [...causes, invalid(at, values, 'must be ordered')]
}

function exitCodesCauses(
  codes: NonNullable<PodFailureRule['onExitCodes']>,
  containers: readonly string[],
  at: string,
): StatusCause[] {
  const { containerName: name } = codes
  const causes = wordCauses(`${at}.operator`, codes.operator, OPERATORS)
  if (name !== undefined && !containers.includes(name)) {
    const why = 'must be one of the container or initContainer names in the pod template'
    causes.push(invalid(`${at}.containerName`, name, why))
  }
  return [...causes, ...codesCauses(codes, `${at}.values`)]
}

function failureRuleCauses(
  { action, onExitCodes, onPodConditions = [] }: PodFailureRule,
  spec: JobSpec,
  at: string,
): StatusCause[] {
  const { containers, initContainers = [] } = spec.template.spec
  const names = [...containers, ...initContainers].map(({ name }) => name)
  const causes = wordCauses(`${at}.action`, action, ACTIONS)
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    causes.push(invalid(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  }
  if (onExitCodes) causes.push(...exitCodesCauses(onExitCodes, names, `${at}.onExitCodes`))
  causes.push(...notTooMany(`${at}.onPodConditions`, onPodConditions, MOST_RULES))
  for (const [i, { type = '', status }] of onPodConditions.entries()) {
    const place = `${at}.onPodConditions[${i}]`
    causes.push(...follows(qualifiedName, `${place}.type`, type))
    causes.push(...wordCauses(`${place}.status`, status, STATUSES))
  }
  const said = Number(onExitCodes !== undefined) + Number(onPodConditions.length > 0)
  if (said === 1) return causes
  const why =
    said === 2
      ? 'specifying both OnExitCodes and OnPodConditions is not supported'
      : 'specifying one of OnExitCodes and OnPodConditions is required'
  return [...causes, invalidWhole(at, why)]
}

export function podFailurePolicyCauses(spec: JobSpec, at: string): StatusCause[] {
  if (!spec.podFailurePolicy) return []
  const { rules = [] } = spec.podFailurePolicy
  return [
    ...notTooMany(`${at}.rules`, rules, MOST_RULES),
    ...rules.flatMap((rule, i) => failureRuleCauses(rule, spec, `${at}.rules[${i}]`)),
  ]
}

function indexesCauses(
  text: string,
  completions: number,
  at: string,
): { total: number; causes: StatusCause[] } {
  try {
    return { total: parseIndexes(text, completions).size, causes: [] }
  } catch (error) {
    const why = `error parsing succeededIndexes: ${(error as Error).message}`
    return { total: 0, causes: [invalid(at, text, why)] }
  }
}

function successRuleCauses(
  { succeededIndexes, succeededCount }: SuccessRule,
  completions: number,
  at: string,
): StatusCause[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [required(at, 'at least one of succeededCount or succeededIndexes must be specified')]
  }
  const { total, causes } = indexesCauses(
    succeededIndexes ?? '',
    completions,
    `${at}.succeededIndexes`,
  )
  if (succeededCount === undefined) return causes
  const field = `${at}.succeededCount`
  causes.push(...notNegative(field, succeededCount))
  const limits: [number, string][] = [[completions, 'specified completions']]
  if (succeededIndexes !== undefined) {
    limits.push([total, 'indexes in the specified succeededIndexes field'])
  }
  for (const [most, what] of limits) {
    const why = `must be less than or equal to ${most} (the number of ${what})`
    if (succeededCount > most) causes.push(invalid(field, succeededCount, why))
  }
  return causes
}

export function successPolicyCauses(spec: JobSpec, at: string): StatusCause[] {
  if (!spec.successPolicy) return []
  if (spec.completionMode !== 'Indexed') {
    return [invalid(at, spec.successPolicy, 'requires indexed completion mode')]
  }
  const { rules = [] } = spec.successPolicy
  if (rules.length === 0) {
    const why = 'at least one rules must be specified when the successPolicy is specified'
    return [required(`${at}.rules`, why)]
  }
  return [
    ...notTooMany(`${at}.rules`, rules, MOST_RULES),
    ...rules.flatMap((rule, i) =>
      successRuleCauses(rule, spec.completions ?? 0, `${at}.rules[${i}]`),
    ),
  ]
}
