// Conditions of an object as sentences. Pure.
import type { Condition } from '../../../shared/kubernetes/meta.ts'

export interface ConditionWords {
  type: string
  /** Whether this is as one would wish it. */
  tone: 'good' | 'bad' | 'unknown'
  sentence: string
  /** What the one who set it says, in its own words; '' when nothing. */
  detail: string
  /** When it became so, ms since the epoch. */
  since: number | null
}

type Sentences = readonly [whenTrue: string, whenFalse: string]

/** What Kubernetes' own conditions mean (pkg.go.dev/k8s.io/api); others are said by their name. */
const WORDS: Record<string, Sentences> = {
  PodScheduled: ['It has its node', 'No node takes it'],
  PodReadyToStartContainers: ['Its address and volumes are there', 'Its address is not set up yet'],
  Initialized: ['Its init containers are done', 'Its init containers are not done'],
  ContainersReady: ['All its containers are ready', 'Not all its containers are ready'],
  Ready: ['It is ready', 'It is not ready'],
  DisruptionTarget: ['It is about to be removed', 'Nothing is about to remove it'],
  MemoryPressure: ['Memory runs short', 'Memory suffices'],
  DiskPressure: ['Disk space runs short', 'Disk space suffices'],
  PIDPressure: ['Process ids run short', 'Process ids suffice'],
  NetworkUnavailable: ['Its network is not set up', 'Its network is set up'],
  Available: ['As many pods as promised are available', 'Fewer pods than promised are available'],
  Progressing: ['It gets on, or is done', 'It does not get on'],
  ReplicaFailure: ['Pods cannot be created or deleted', 'Pods can be created and deleted'],
  Complete: ['It is done', 'It is not done'],
  Failed: ['It has failed', 'It has not failed'],
  Suspended: ['It is suspended', 'It is not suspended'],
}

/** Conditions whose absence is the good news. */
const BETTER_FALSE = new Set([
  'MemoryPressure',
  'DiskPressure',
  'PIDPressure',
  'NetworkUnavailable',
  'ReplicaFailure',
  'DisruptionTarget',
  'Failed',
  'Suspended',
])

/** One sentence for each condition, those that are wrong first. */
export function conditionsInWords(conditions: readonly Condition[]): ConditionWords[] {
  const order = { bad: 0, unknown: 1, good: 2 }
  return conditions.map(inWords).sort((a, b) => order[a.tone] - order[b.tone])
}

function inWords({ type, status, reason, message, lastTransitionTime }: Condition): ConditionWords {
  const isGood = (status === 'True') !== BETTER_FALSE.has(type)
  const tone = status === 'Unknown' ? 'unknown' : isGood ? 'good' : 'bad'
  return {
    type,
    tone,
    sentence: sentenceOf(type, status),
    detail: message ?? reason ?? '',
    since: lastTransitionTime ? Date.parse(lastTransitionTime) : null,
  }
}

function sentenceOf(type: string, status: Condition['status']): string {
  const words = WORDS[type]
  if (status === 'Unknown') return `Nobody knows: ${type} was not reported`
  if (!words) return `${type} is ${status}`
  return status === 'True' ? words[0] : words[1]
}
