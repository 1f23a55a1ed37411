// All kinds there are, for the controllers that look after every one of them.
import * as registered from '../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../shared/kubernetes/kinds.ts'

export const EVERY_KIND: readonly Kind[] = Object.values(registered).filter(
  (value): value is Kind => typeof value === 'object' && 'plural' in value,
)

/** The kind an owner reference names; undefined when there is no such kind here. */
export function kindNamed(apiVersion: string, kind: string): Kind | undefined {
  return EVERY_KIND.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion)
}
