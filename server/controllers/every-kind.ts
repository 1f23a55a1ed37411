// All kinds there are, for the controllers that look after every one of them.
import * as registered from '../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'

export const EVERY_KIND: readonly Kind[] = Object.values(registered).filter(
  (value): value is Kind => typeof value === 'object' && 'plural' in value,
)
