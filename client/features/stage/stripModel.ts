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

/**
 * The segments, filled up with free places to `places`, so that widths do not change with every pod.
 */
export function segmentsOf(pods: readonly PodView[], toVersion: string, places: number): Segment[] {
  const sorted = [...pods].sort(
    (a, b) =>
      rank(a, toVersion) - rank(b, toVersion) ||
      b.progress - a.progress ||
      (a.uid < b.uid ? -1 : 1),
  )
  const segments = sorted.map(({ state, version, progress }): Segment => ({
    state,
    tone: toneOf(version),
    progress,
  }))
  while (segments.length < places) segments.push({ state: 'free', tone: 1, progress: 0 })
  if (segments.length <= MOST_SEGMENTS) return segments
  return Array.from(
    { length: MOST_SEGMENTS },
    (_, at) => segments[Math.floor((at * segments.length) / MOST_SEGMENTS)]!,
  )
}

/** Pods of the new version that serve: one that was only created is not updated yet. */
export function updatedReady(rollout: RolloutView, pods: readonly PodView[]): number {
  return pods.filter(({ version, state }) => version === rollout.toVersion && state === 'ready')
    .length
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
  const updated = updatedReady(rollout, pods)
  const failing = pods.filter(({ version, state }) => version === toVersion && state === 'failed')
  const verb = phase === 'paused' ? 'Update paused' : 'Update stuck'
  const isFailing = failing.length > 0 || phase === 'stuck'
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
