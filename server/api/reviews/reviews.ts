// Questions that are answered instead of stored: who am I, whose token is this, may they, what may I do
// (pkg/registry/authorization, pkg/registry/authentication).
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { Strategy } from '../kinds/strategy.ts'
import { accessReview, rulesReview, selfAccessReview } from './access-reviews.ts'
import { selfReview, tokenReview } from './identity-reviews.ts'

function reviewed(
  group: string,
  kind: string,
  namespaced: boolean,
  review: NonNullable<Strategy['review']>,
): Strategy {
  const singular = kind.toLowerCase()
  const own: Kind = {
    group,
    version: 'v1',
    kind,
    plural: `${singular}s`,
    singular,
    shortNames: [],
    namespaced,
  }
  return {
    kind: own,
    subresources: [],
    columns: [],
    hasGeneration: false,
    validate: () => [],
    review,
  }
}

const AUTHORIZATION = 'authorization.k8s.io'
const AUTHENTICATION = 'authentication.k8s.io'

export const reviewStrategies: readonly Strategy[] = [
  reviewed(AUTHENTICATION, 'SelfSubjectReview', false, selfReview),
  reviewed(AUTHENTICATION, 'TokenReview', false, tokenReview),
  reviewed(AUTHORIZATION, 'LocalSubjectAccessReview', true, accessReview),
  reviewed(AUTHORIZATION, 'SelfSubjectAccessReview', false, selfAccessReview),
  reviewed(AUTHORIZATION, 'SelfSubjectRulesReview', false, rulesReview),
  reviewed(AUTHORIZATION, 'SubjectAccessReview', false, accessReview),
]
