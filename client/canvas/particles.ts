// Requests in flight, as light: so many particles a side, spread over the strands by measured rates. A particle chooses
// its strand when it sets out and stays on it to the end. Pure but for the pool it advances; chance is handed in.

/** Particles on one side of the gate. Parallel arrays: 640 particles a frame must not make garbage. */
export interface Pool {
  /** Strand index, or -1 for a particle that is not under way. */
  strand: Int32Array
  /** 0–1 along the strand. */
  at: Float32Array
  /** Factor on the common pace, and on the length of the tail. */
  pace: Float32Array
  /** Particles in use: those below this index. */
  size: number
}

export const MOST_PARTICLES = 800

/** An empty pool. */
export function createPool(): Pool {
  return {
    strand: new Int32Array(MOST_PARTICLES).fill(-1),
    at: new Float32Array(MOST_PARTICLES),
    pace: new Float32Array(MOST_PARTICLES),
    size: 0,
  }
}

/** How many particles stand for `rate` requests a second: 48 for 100, 320 for 10k, 640 for 1M. */
export function particlesFor(rate: number): number {
  return rate <= 0 ? 0 : Math.min(MOST_PARTICLES, Math.round(160 * Math.log10(1 + rate / 100)))
}

/** How long a particle takes across its side, in ms: slower when half of all answers take longer than `p50Ms`. */
export function crossingMs(p50Ms: number | null): number {
  return 600 + 400 * Math.log2(1 + (p50Ms ?? 0))
}

/** Where particles may set out: strands and, running, the share of the rate up to and including each. */
export interface Departures {
  strands: Int32Array
  upTo: Float64Array
  total: number
}

/** The departures of strands whose pods have the given rates; a pod's strands share its rate, fading ones get none. */
export function departuresOf(
  strands: readonly { pod: string; isFading: boolean; side: string }[],
  side: 'left' | 'right',
  rates: Readonly<Record<string, number>>,
): Departures {
  const perPod = new Map<string, number>()
  const usable: number[] = []
  strands.forEach((strand, index) => {
    if (strand.side !== side || strand.isFading || !((rates[strand.pod] ?? 0) > 0)) return
    usable.push(index)
    perPod.set(strand.pod, (perPod.get(strand.pod) ?? 0) + 1)
  })
  let total = 0
  const upTo = Float64Array.from(usable, (index) => {
    const { pod } = strands[index]!
    return (total += rates[pod]! / perPod.get(pod)!)
  })
  return { strands: Int32Array.from(usable), upTo, total }
}

/** The strand at the share `chance` (0–1) of the whole rate; -1 when nothing is sent. */
export function departAt({ strands, upTo, total }: Departures, chance: number): number {
  if (strands.length === 0) return -1
  const wanted = chance * total
  let low = 0
  let high = upTo.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (upTo[middle]! > wanted) high = middle
    else low = middle + 1
  }
  return strands[low]!
}

/**
 * Moves all particles on by `elapsedMs`. Those that arrive set out anew while fewer than `wanted` are under way; new ones
 * are added at random places of their strands, so that a stream does not start as a wall.
 */
export function advance(
  pool: Pool,
  {
    elapsedMs,
    crossing,
    wanted,
    departures,
  }: { elapsedMs: number; crossing: number; wanted: number; departures: Departures },
  random: () => number,
): void {
  const most = departures.strands.length === 0 ? 0 : wanted
  const step = elapsedMs / crossing
  for (let index = 0; index < pool.size; index += 1) {
    if (pool.strand[index]! < 0) continue
    pool.at[index]! += step * pool.pace[index]!
    if (pool.at[index]! < 1) continue
    if (index < most) setOut(pool, index, departAt(departures, random()), random, 0)
    else pool.strand[index] = -1
  }
  for (let index = 0; index < most; index += 1) {
    if (index < pool.size && pool.strand[index]! >= 0) continue
    setOut(pool, index, departAt(departures, random()), random, random())
  }
  pool.size = Math.max(most, lastUnderWay(pool) + 1)
}

function setOut(pool: Pool, index: number, strand: number, random: () => number, at: number): void {
  pool.strand[index] = strand
  pool.at[index] = at
  pool.pace[index] = 0.75 + random() * 0.5
}

function lastUnderWay(pool: Pool): number {
  let last = pool.size - 1
  while (last >= 0 && pool.strand[last]! < 0) last -= 1
  return last
}

/** After a new layout: particles follow their strand to its new index, or end where it is gone. */
export function followStrands(
  pool: Pool,
  before: readonly { id: string }[],
  after: readonly { id: string }[],
): void {
  const places = new Map(after.map(({ id }, index) => [id, index]))
  for (let index = 0; index < pool.size; index += 1) {
    const strand = pool.strand[index]!
    if (strand >= 0) pool.strand[index] = places.get(before[strand]?.id ?? '') ?? -1
  }
}
