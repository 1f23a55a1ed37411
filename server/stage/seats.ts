// Where each pod sits: its slot on its node, for life, and the small number the load is sent by.
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { PodRole } from '../../shared/stage.ts'
import type { Seat } from './projections.ts'

/** A number that became free is not given out again for so long: late rates must not light another pod. */
const INDEX_RESTS_MS = 5_000

interface LowestFree {
  take(): number
  release(number: number): void
}

/** Gives out the lowest free whole number from 0. */
export function lowestFree(): LowestFree {
  /** Ascending. */
  const freed: number[] = []
  let next = 0
  return {
    take: () => freed.shift() ?? next++,
    release(number) {
      let at = freed.length
      while (at > 0 && freed[at - 1]! > number) at -= 1
      freed.splice(at, 0, number)
    },
  }
}

export interface Seats {
  /** The seat of this pod, given out at first sight; the slot follows once the pod is scheduled. */
  seatOf(pod: Pod, now: number): Seat
  /** The pod is gone; its places become free. */
  leave(uid: string, now: number): void
}

interface Taken {
  seat: Seat
  row: LowestFree | undefined
}

/** @param roleOf asked once a pod, at first sight: a pod never changes its part */
export function createSeats(roleOf: (pod: Pod) => PodRole): Seats {
  const taken = new Map<string, Taken>()
  const rows = new Map<string, LowestFree>()
  const indexes = lowestFree()
  const resting: { index: number; until: number }[] = []

  const rowOf = (name: string): LowestFree => {
    const row = rows.get(name) ?? lowestFree()
    rows.set(name, row)
    return row
  }
  const takeIndex = (now: number): number => {
    while (resting[0] && resting[0].until <= now) indexes.release(resting.shift()!.index)
    return indexes.take()
  }
  return {
    seatOf(pod, now) {
      const uid = pod.metadata.uid ?? ''
      let place = taken.get(uid)
      if (!place) {
        const seat = { role: roleOf(pod), slot: null, index: takeIndex(now) }
        place = { seat, row: undefined }
        taken.set(uid, place)
      }
      if (place.seat.slot === null && pod.spec.nodeName) {
        place.row = rowOf(`${pod.spec.nodeName}/${place.seat.role}`)
        place.seat = { ...place.seat, slot: place.row.take() }
      }
      return place.seat
    },
    leave(uid, now) {
      const place = taken.get(uid)
      if (!place) return
      taken.delete(uid)
      if (place.seat.slot !== null) place.row?.release(place.seat.slot)
      resting.push({ index: place.seat.index, until: now + INDEX_RESTS_MS })
    },
  }
}
