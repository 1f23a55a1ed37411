// What is said aloud to those who do not see the stage: milestones, never the rate. Pure.
import type { NodeView, RolloutView } from '../../../shared/stage.ts'

export interface Moment {
  rollout: RolloutView | null
  nodes: readonly NodeView[]
  isLive: boolean
  /** The stage shows the past. */
  isReplay: boolean
}

/** A sentence for what changed between two moments; null when nothing worth a sentence did. */
export function milestoneBetween(before: Moment, after: Moment): string | null {
  if (before.isLive !== after.isLive) {
    return after.isLive ? 'Connected to the stage.' : 'Connection lost, trying again.'
  }
  if (before.isReplay !== after.isReplay) {
    return after.isReplay ? 'The stage shows the past.' : 'The stage is live again.'
  }
  return nodeMilestone(before.nodes, after.nodes) ?? rolloutMilestone(before.rollout, after.rollout)
}

function nodeMilestone(before: readonly NodeView[], after: readonly NodeView[]): string | null {
  const was = new Map(before.map(({ name, ready }) => [name, ready]))
  const changed = after.find(({ name, ready }) => was.has(name) && was.get(name) !== ready)
  if (!changed) return null
  return changed.ready ? `${changed.name} is ready again.` : `${changed.name} is not ready.`
}

function rolloutMilestone(before: RolloutView | null, after: RolloutView | null): string | null {
  if (!before || !after || before.phase === after.phase) return null
  const { name, toVersion, replicas, message } = after
  switch (after.phase) {
    case 'updating':
      return `Update of ${name} to ${toVersion} runs.`
    case 'paused':
    case 'stuck':
      return message ?? `Update of ${name} does not go on.`
    case 'steady':
      return before.phase === 'scaling'
        ? `${name} has ${replicas} replicas.`
        : `All ${replicas} replicas of ${name} run ${toVersion}.`
    case 'scaling':
      return null
  }
}
