// A plugin answers one question about putting a pod on a node.
import type { NodeInfo, PodInfo, Snapshot } from './snapshot.ts'

/** Undefined: the pod may go there. Otherwise why not, in Kubernetes' words. */
export type Verdict = readonly string[] | undefined

/** A filter or score for one pod, asked about one node after the other. */
export interface Scorer {
  /** Of any size and sign; larger is better unless `lowerIsBetter`. */
  score: (node: NodeInfo) => number
  /** `as-is`: already 0 to 100. `to-largest`: the largest becomes 100. `to-range`: smallest 0, largest 100. */
  scale: 'as-is' | 'to-largest' | 'to-range' | 'inverse-to-largest' | 'spread'
}

export interface Plugin {
  /** As Kubernetes names it. */
  readonly name: string
  /**
   * What the plugin demands of a node for this pod; undefined when it demands nothing. Pure: everything that depends
   * on the pod alone is worked out here, once, and not for every node.
   */
  filter?: (pod: PodInfo, snapshot: Snapshot) => ((node: NodeInfo) => Verdict) | undefined
  /** How well nodes suit this pod (`nodes` are those that passed); undefined when all suit alike. */
  score?: (pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[]) => Scorer | undefined
  /** How much the score counts among others. */
  weight?: number
  /** True when a change anywhere, not only on the node itself, can turn its verdict for this pod. */
  dependsOnOthers?: (pod: PodInfo, snapshot: Snapshot) => boolean
}

/** Brings scores to 0..100 in place, as the plugin's scale says (plugins/helper/normalize_score.go). */
export function normalize(scores: Float64Array, count: number, scale: Scorer['scale']): void {
  if (scale === 'as-is') return
  let low = Infinity
  let high = -Infinity
  for (let index = 0; index < count; index += 1) {
    low = Math.min(low, scores[index]!)
    high = Math.max(high, scores[index]!)
  }
  for (let index = 0; index < count; index += 1) {
    scores[index] = scaled(scores[index]!, low, high, scale)
  }
}

function scaled(score: number, low: number, high: number, scale: Scorer['scale']): number {
  switch (scale) {
    case 'as-is':
      return score
    case 'to-largest':
      return high === 0 ? 0 : (100 * score) / high
    case 'inverse-to-largest':
      return high === 0 ? 100 : 100 - (100 * score) / high
    case 'to-range':
      return high === low ? 0 : (100 * (score - low)) / (high - low)
    case 'spread':
      return high === 0 ? 100 : (100 * (high + low - score)) / high
  }
}
