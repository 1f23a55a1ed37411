// What an API server would answer to a create or an update, as the lines a person reads.
import type { KubeObject } from '../../../../shared/kubernetes/meta.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import type { Strategy, StrategyContext } from '../strategy.ts'
import { contextOver } from './samples.ts'

function lines(causes: StatusCause[]): string[] {
  return causes.map(({ field, message }) => `${field}: ${message}`)
}

/** Defaults, prepares and validates in place. */
export function createWith<T extends KubeObject>(
  strategy: Strategy<T>,
  object: T,
  context: StrategyContext = contextOver(),
): string[] {
  strategy.default?.(object)
  strategy.prepareForCreate?.(object, context)
  return lines(strategy.validate(object, context))
}

/** What changing `old` with `change` is answered with. */
export function updateWith<T extends KubeObject>(
  strategy: Strategy<T>,
  old: T,
  change: (next: T) => void,
  context: StrategyContext = contextOver(),
): string[] {
  const next = structuredClone(old)
  change(next)
  strategy.default?.(next)
  strategy.prepareForUpdate?.(next, old, context)
  return lines([
    ...strategy.validate(next, context),
    ...(strategy.validateUpdate?.(next, old, context) ?? []),
  ])
}
