// The strip: one segment per server pod, in the order in which an update works through them. Pure.
import type { PodState, PodView, RolloutView } from '../../../shared/stage.ts'
import { toneOf } from '../../canvas/tone.ts'
import type { Tone } from '../../canvas/tone.ts'

export interface Segment {
  state: PodState | 'free'
  tone: Tone
  progress: number
}

/** More segments than this could not be told apart; then each stands for several pods. */
export const MOST_SEGMENTS = 240

/** Updated pods first, then those on their way, then the old ones that still serve. */
function rank(pod: PodView, toVersion: string): number {
  const isNew = pod.version === toVersion
  switch (pod.state) {
    case 'ready':
      return isNew ? 0 : 7
    case 'starting':
      return isNew ? 1 : 6
    case 'failed':
      return 2
    case 'unknown':
      return 3
    case 'pending':
      return 4
    case 'stopping':
      return 5
    case 'succeeded':
      return 8
  }
}

/** Ranks there are. */
const RANKS = 9

/**
 * The segments, filled up with free places to `places`, so that widths do not change with every pod. Costs by the pod, not
 * more: thousands are put into their ranks, and only the few on their way are sorted.
 */
export function segmentsOf(pods: readonly PodView[], toVersion: string, places: number): Segment[] {
  const ranks = Array.from({ length: RANKS }, (): PodView[] => [])
  for (const pod of pods) ranks[rank(pod, toVersion)]!.push(pod)
  const ordered = ranks.flatMap((those) =>
    those.length > MOST_SEGMENTS
      ? those
      : those.sort((a, b) => b.progress - a.progress || (a.uid < b.uid ? -1 : 1)),
  )
  const all = Math.max(ordered.length, places)
  const shown = Math.min(all, MOST_SEGMENTS)
  return Array.from({ length: shown }, (_, at) =>
    segmentOf(ordered[Math.floor((at * all) / shown)]),
  )
}

function segmentOf(pod: PodView | undefined): Segment {
  if (!pod) return { state: 'free', tone: 1, progress: 0 }
  const { state, version, progress } = pod
  return { state, tone: toneOf(version), progress }
}

/** Pods of the new version that serve: one that was only created is not updated yet. */
export function updatedReady(toVersion: string | undefined, pods: readonly PodView[]): number {
  let count = 0
  for (const { version, state } of pods) if (version === toVersion && state === 'ready') count += 1
  return count
}

/** What stands in the middle of the strip: a figure and what it means; `updated` as counted by `updatedReady`. */
export function headlineOf(
  rollout: RolloutView,
  updated: number,
): { figure: string; words: string } {
  const { replicas, ready, phase } = rollout
  if (phase === 'updating' || phase === 'paused' || phase === 'stuck') {
    return { figure: `${updated} of ${replicas}`, words: `updated, ${readyWords(rollout)}` }
  }
  const figure = `${ready} of ${replicas}`
  if (phase === 'steady') return { figure, words: 'ready' }
  return { figure, words: ready < replicas ? 'ready, scaling up' : 'ready, scaling down' }
}

// The lowest number ever seen ready is what may be said, never the number that was asked for.
function readyWords({ lowestReady, replicas, ready }: RolloutView): string {
  if (lowestReady === null) return `${ready} ready`
  if (lowestReady >= replicas) return `${replicas} ready at all times`
  return `never fewer than ${lowestReady} ready`
}

/** How long the rest may take: `about 28 s`, `about 3 min`. */
export function timeLeft(seconds: number): string {
  return seconds < 90
    ? `about ${Math.max(1, Math.round(seconds))} s`
    : `about ${Math.round(seconds / 60)} min`
}

/** How long `Proceed anyway` has to be held, by pointer or key. */
export const PROCEED_HOLD_MS = 2_000

export interface Banner {
  tone: 'failing' | 'calm'
  title: string
  sentence: string
}

/** What to say when an update does not go on by itself; null while it does. Red only when something is broken. */
export function bannerOf(rollout: RolloutView | null, pods: readonly PodView[]): Banner | null {
  if (!rollout || (rollout.phase !== 'paused' && rollout.phase !== 'stuck')) return null
  const { toVersion, phase, replicas, message } = rollout
  const updated = updatedReady(toVersion, pods)
  const failing = pods.filter(({ version, state }) => version === toVersion && state === 'failed')
  const verb = phase === 'paused' ? 'Update paused' : 'Update stuck'
  // Between two crashes none of its pods is failed, and yet it stopped because of them.
  const isFailing = failing.length > 0 || phase === 'stuck' || rollout.pausedItself !== undefined
  return {
    tone: isFailing ? 'failing' : 'calm',
    title: isFailing
      ? `${verb}: ${toVersion} is failing readiness`
      : `${verb} at ${updated} of ${replicas}`,
    sentence: message ?? sentenceOf(rollout, pods, failing),
  }
}

function sentenceOf(
  rollout: RolloutView,
  pods: readonly PodView[],
  failing: readonly PodView[],
): string {
  const { toVersion } = rollout
  const target = pods.filter(({ version }) => version === toVersion).length
  const serving = pods.filter(
    ({ version, state }) => version !== toVersion && state === 'ready',
  ).length
  const still = `${serving} other pods still serve.`
  if (failing.length === 0) return serving > 0 ? still : ''
  const reason = failing.find(({ reason }) => reason)?.reason
  return `${failing.length} of ${target} ${toVersion} pods fail${reason ? ` (${reason})` : ''}. ${still}`
}
