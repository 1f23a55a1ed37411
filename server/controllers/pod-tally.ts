// How many pods of which sort every owner has, counted on with each change: what a look at a set of thousands costs does
// not grow with the set.
import { controllerOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { LabelSelector } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodReady, isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { LabelMatcher } from '../../shared/selectors.ts'
import { matcherOf } from '../../shared/selectors.ts'
import type { Informer, ObjectChange } from '../machinery/informer.ts'
import { sameJson } from './objects.ts'
import { indexOwners, ownedBy } from './owned.ts'

/** Pods controlled by one owner. */
export interface PodTally {
  /** Matching its selector, neither finished nor on their way out. */
  active: number
  /** Active, with all labels of the template. */
  fullyLabeled: number
  /** Active and ready. */
  ready: number
  /** Matching, not finished, on their way out. */
  terminating: number
  /** Not matching its selector. */
  strangers: number
}

/** What pods are counted by. */
export interface TallyBy {
  selector: LabelSelector
  templateLabels: Record<string, string>
}

interface Held {
  by: TallyBy
  matches: LabelMatcher
  hasTemplateLabels: LabelMatcher
  tally: PodTally
}

export class PodTallies {
  readonly #pods: Informer<Pod>
  readonly #held = new Map<string, Held>()
  readonly close: () => void

  /** Subscribes to `pods`: whoever asks when they change must subscribe later. */
  constructor(pods: Informer<Pod>) {
    this.#pods = pods
    indexOwners(pods)
    this.close = pods.subscribe((change) => this.#changed(change))
  }

  /** The counts as of the informer's newest pod; looks at all pods of the owner only when it is new or selects anew. */
  of(uid: string, by: TallyBy): Readonly<PodTally> {
    const known = this.#held.get(uid)
    if (known && sameJson(known.by, by)) return known.tally
    const held = emptyTally(by)
    for (const pod of ownedBy(this.#pods, uid)) count(held, pod, 1)
    this.#held.set(uid, held)
    return held.tally
  }

  /** The owner is gone. */
  forget(uid: string): void {
    this.#held.delete(uid)
  }

  #changed({ type, object, previous }: ObjectChange<Pod>): void {
    if (this.#held.size === 0) return
    const before = previous && this.#held.get(controllerOf(previous)?.uid ?? '')
    if (previous && before) count(before, previous, -1)
    const now = type === 'deleted' ? undefined : this.#held.get(controllerOf(object)?.uid ?? '')
    if (now) count(now, object, 1)
  }
}

function emptyTally(by: TallyBy): Held {
  return {
    by,
    matches: matcherOf(by.selector),
    hasTemplateLabels: matcherOf({ matchLabels: by.templateLabels }),
    tally: { active: 0, fullyLabeled: 0, ready: 0, terminating: 0, strangers: 0 },
  }
}

/** @param sign 1 for a pod that comes, -1 for one that goes */
function count({ tally, matches, hasTemplateLabels }: Held, pod: Pod, sign: 1 | -1): void {
  const { labels } = pod.metadata
  if (!matches(labels)) tally.strangers += sign
  else if (isPodTerminal(pod)) return
  else if (isBeingDeleted(pod)) tally.terminating += sign
  else {
    tally.active += sign
    if (hasTemplateLabels(labels)) tally.fullyLabeled += sign
    if (isPodReady(pod)) tally.ready += sign
  }
}

/** The counts of these pods, all of them the owner's. */
export function tallyOf(own: readonly Pod[], by: TallyBy): PodTally {
  const held = emptyTally(by)
  for (const pod of own) count(held, pod, 1)
  return held.tally
}
