// What a VerticalPodAutoscaler recommends, at the creation of a pod (its admission controller's webhook, built in).
import { jobs, limitRanges, replicaSets, type Kind } from '../../../shared/kubernetes/kinds.ts'
import { controllerOf, type OwnerReference } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import {
  followRecommendation,
  topController,
  updateModeOf,
  verticalPodAutoscalers,
} from '../../../shared/kubernetes/vertical.ts'
import type { StrategyContext } from './strategy.ts'

/** What may have a controller of its own. */
const BETWEEN: readonly Kind[] = [replicaSets, jobs]

/** Follows the autoscaler that targets the pod's controller, unless its mode is Off. */
export function addRecommendation(pod: Pod, context: StrategyContext): void {
  const { namespace } = pod.metadata
  const autoscalers = context.readAll(verticalPodAutoscalers, namespace)
  if (autoscalers.length === 0) return
  const ownerOf = ({ kind, name }: OwnerReference): OwnerReference | undefined => {
    const between = BETWEEN.find((each) => each.kind === kind)
    const object = between && context.read(between, { namespace, name })
    return object && controllerOf(object)
  }
  const top = topController(pod, ownerOf)
  const found = autoscalers.find(
    (each) =>
      top !== undefined &&
      updateModeOf(each) !== 'Off' &&
      each.spec.targetRef.kind === top.kind &&
      each.spec.targetRef.name === top.name,
  )
  if (found) followRecommendation(pod, found, context.readAll(limitRanges, namespace))
}
