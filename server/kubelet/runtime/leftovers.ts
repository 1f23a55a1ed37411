// Nothing outlives the cluster: every process of it carries PODIUM_CLUSTER=<id>, and this finds and kills them.
import { setTimeout as pause } from 'node:timers/promises'
import { removeCpuGroups } from './cpu-groups.ts'
import { killProcessesWith } from './processes.ts'

/** The variable that marks every process of a cluster. */
export const CLUSTER_VARIABLE = 'PODIUM_CLUSTER'

/** A process just forked still shows its parent's environment until it executes its own program: look more than once. */
const EMPTY_LOOKS = 3
const LOOK_AGAIN_MS = 60
/** A process stuck in the kernel cannot be killed; nobody waits for it longer than this. */
const GIVE_UP_AFTER_LOOKS = 200

/**
 * Kills every process of the cluster until none is left, then takes away their control groups.
 * @param folder where its containers' files are, to know those by that have written over their environment
 * @returns how many kills it took; 0 means there was nothing.
 */
export async function sweepLeftovers(clusterId: string, folder?: string): Promise<number> {
  const entries = new Set([`${CLUSTER_VARIABLE}=${clusterId}`])
  let kills = 0
  let empty = 0
  for (let look = 0; empty < EMPTY_LOOKS && look < GIVE_UP_AFTER_LOOKS; look++) {
    if (look > 0) await pause(LOOK_AGAIN_MS)
    const found = await killProcessesWith(entries, folder)
    kills += found
    empty = found > 0 ? 0 : empty + 1
  }
  await removeCpuGroups(clusterId)
  return kills
}
