// Reading spec.affinity of pods: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
import type { LabelSelector } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { LabelMatcher } from '../../shared/selectors.ts'
import { matcherOf } from '../../shared/selectors.ts'

/** One term of pod (anti-)affinity: pods like these, within one value of the topology label. */
export interface AffinityTerm {
  matches: (namespace: string, labels: Readonly<Record<string, string>>) => boolean
  topologyKey: string
}

export interface WeightedTerm {
  weight: number
  term: AffinityTerm
}

interface RawTerm {
  labelSelector?: LabelSelector
  namespaces?: string[]
  topologyKey: string
}

interface RawPodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: RawTerm[]
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; podAffinityTerm: RawTerm }[]
}

function podAffinityOf(pod: Pod, name: 'podAffinity' | 'podAntiAffinity'): RawPodAffinity {
  return (pod.spec.affinity?.[name] as RawPodAffinity | undefined) ?? {}
}

function read(pod: Pod, { labelSelector, namespaces, topologyKey }: RawTerm): AffinityTerm {
  const matches: LabelMatcher = matcherOf(labelSelector)
  const inNamespaces = namespaces?.length ? namespaces : [pod.metadata.namespace ?? '']
  return {
    matches: (namespace, labels) => inNamespaces.includes(namespace) && matches(labels),
    topologyKey,
  }
}

function required(pod: Pod, name: 'podAffinity' | 'podAntiAffinity'): AffinityTerm[] {
  const terms = podAffinityOf(pod, name).requiredDuringSchedulingIgnoredDuringExecution ?? []
  return terms.map((term) => read(pod, term))
}

/** Pods that must be near. */
export const requiredAffinity = (pod: Pod): AffinityTerm[] => required(pod, 'podAffinity')
/** Pods that must not be near. */
export const requiredAntiAffinity = (pod: Pod): AffinityTerm[] => required(pod, 'podAntiAffinity')

/** Pods that had better be near (positive weight) or not (negative). */
export function preferredTerms(pod: Pod): WeightedTerm[] {
  const readPreferred = (name: 'podAffinity' | 'podAntiAffinity', sign: 1 | -1): WeightedTerm[] =>
    (podAffinityOf(pod, name).preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ weight, podAffinityTerm }) => ({
        weight: sign * weight,
        term: read(pod, podAffinityTerm),
      }),
    )
  return [...readPreferred('podAffinity', 1), ...readPreferred('podAntiAffinity', -1)]
}
