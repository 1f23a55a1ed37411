import type { Lease } from '../../../shared/kubernetes/cluster.ts'
import { leases } from '../../../shared/kubernetes/kinds.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { invalid, notNegative } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

function specCauses({ spec }: Lease): StatusCause[] {
  const { leaseDurationSeconds: seconds, leaseTransitions, holderIdentity } = spec ?? {}
  const causes = notNegative('spec.leaseTransitions', leaseTransitions)
  if (seconds !== undefined && seconds <= 0) {
    causes.push(invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  if (holderIdentity === '') {
    causes.push(invalid('spec.holderIdentity', holderIdentity, 'must not be empty'))
  }
  return causes
}

export const leaseStrategy: Strategy<Lease> = {
  kind: leases,
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: false,
  columns: [nameColumn, text('Holder', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
  validate: (lease) => [...nameFollows(subdomain, lease), ...specCauses(lease)],
}
