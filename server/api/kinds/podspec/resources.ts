// requests and limits of containers (core/validation ValidateContainerResourceRequirements).
import type { ResourceRequirements } from '../../../../shared/kubernetes/pod.ts'
import { parseQuantity } from '../../../../shared/quantity.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import { invalid, required } from '../rules/causes.ts'
import { follows } from '../rules/fields.ts'
import { qualifiedName } from '../rules/names.ts'

const STANDARD = new Set(['cpu', 'memory', 'ephemeral-storage'])

function nameCauses(field: string, name: string): StatusCause[] {
  const causes = follows(qualifiedName, field, name)
  if (causes.length > 0 || name.includes('/')) return causes
  if (STANDARD.has(name) || name.startsWith('hugepages-')) return []
  return [invalid(field, name, 'must be a standard resource for containers')]
}

function listCauses(field: string, amounts: Record<string, string> | undefined): StatusCause[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...nameCauses(`${field}[${name}]`, name),
    ...((parseQuantity(amount) ?? 0) < 0
      ? [invalid(`${field}[${name}]`, amount, 'must be greater than or equal to 0')]
      : []),
  ])
}

/** Only cpu, memory and ephemeral-storage may be promised beyond what there is (IsOvercommitAllowed). */
function compareCauses(
  name: string,
  request: string,
  limit: string | undefined,
  at: string,
): StatusCause[] {
  if (limit === undefined) {
    return STANDARD.has(name)
      ? []
      : [required(`${at}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  if (parseQuantity(request)! > parseQuantity(limit)!) {
    const why = `must be less than or equal to ${name} limit of ${limit}`
    return [invalid(`${at}.requests`, request, why)]
  }
  if (!STANDARD.has(name) && parseQuantity(request) !== parseQuantity(limit)) {
    return [invalid(`${at}.requests`, request, `must be equal to ${name} limit of ${limit}`)]
  }
  return []
}

export function resourceCauses(
  resources: ResourceRequirements | undefined,
  at: string,
): StatusCause[] {
  const { limits, requests } = resources ?? {}
  return [
    ...listCauses(`${at}.limits`, limits),
    ...listCauses(`${at}.requests`, requests),
    ...Object.entries(requests ?? {}).flatMap(([name, request]) =>
      compareCauses(name, request, limits?.[name], at),
    ),
  ]
}
