// Pods for which others were made to go, and where: until they are there, nobody as important or less takes their place
// (pkg/scheduler/backend/queue/nominator.go, framework RunFilterPluginsWithNominatedPods).
import { priorityOf } from './preemption.ts'
import type { PodInfo, Snapshot } from './snapshot.ts'

interface Nomination {
  readonly info: PodInfo
  readonly node: string
  readonly priority: number
}

export class Nominations {
  readonly #byUid = new Map<string, Nomination>()

  set(info: PodInfo, node: string): void {
    this.#byUid.set(info.uid, { info, node, priority: priorityOf(info.pod) })
  }

  /** @returns whether it had been nominated */
  delete(uid: string): boolean {
    return this.#byUid.delete(uid)
  }

  /** Answers what `look` answers while those that `info` has to leave room for stand where they are to go. */
  whileThere<T>(info: PodInfo, snapshot: Snapshot, look: () => T): T {
    if (this.#byUid.size === 0) return look()
    const priority = priorityOf(info.pod)
    const guests = [...this.#byUid.values()].filter(
      (each) => each.info.uid !== info.uid && each.priority >= priority,
    )
    const { openings } = snapshot
    for (const { info: guest, node } of guests) snapshot.place(guest, node)
    try {
      return look()
    } finally {
      for (const { info: guest } of guests) snapshot.remove(guest.uid)
      snapshot.openings = openings
    }
  }
}
