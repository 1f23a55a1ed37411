// Which occurrences are the same event, which are too many. Pure but for its memory; time is handed in.
import type { ObjectReference } from '../../shared/kubernetes/network.ts'

export interface Occurrence {
  about: ObjectReference
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

export interface Correlated {
  /** Occurrences with the same key are counted on one Event. */
  key: string
  message: string
}

// The numbers of client-go's EventCorrelator.
const SPAM_BURST = 25
const SPAM_REFILL_MS = 300_000
const AGGREGATE_MAX = 10
const AGGREGATE_WINDOW_MS = 600_000
const MEMORY = 4096

interface Bucket {
  tokens: number
  at: number
}

interface Group {
  /** Messages seen since `at`. */
  messages: Set<string>
  at: number
}

export class EventCorrelator {
  readonly #buckets = new Map<string, Bucket>()
  readonly #groups = new Map<string, Group>()

  /** What to record at `now` (ms), or undefined when the object has been too talkative (25 at once, 1 per 5 min). */
  correlate({ about, type, reason, message }: Occurrence, now: number): Correlated | undefined {
    const object = [about.kind, about.namespace, about.name, about.uid, about.fieldPath].join('|')
    const group = [object, type, reason].join('|')
    const aggregated = this.#tooManyMessages(group, message, now)
    if (!this.#mayRecord(object, now)) return undefined
    if (aggregated) return { key: group, message: `(combined from similar events): ${message}` }
    return { key: `${group}|${message}`, message }
  }

  /** More than ten different messages of one reason about one object within ten minutes become one event. */
  #tooManyMessages(key: string, message: string, now: number): boolean {
    let group = this.#groups.get(key)
    if (!group || now - group.at > AGGREGATE_WINDOW_MS) group = { messages: new Set(), at: now }
    else group.at = now
    if (group.messages.size <= AGGREGATE_MAX) group.messages.add(message)
    remember(this.#groups, key, group)
    return group.messages.size > AGGREGATE_MAX
  }

  #mayRecord(key: string, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: SPAM_BURST, at: now }
    const tokens = Math.min(SPAM_BURST, bucket.tokens + (now - bucket.at) / SPAM_REFILL_MS)
    const may = tokens >= 1
    remember(this.#buckets, key, { tokens: may ? tokens - 1 : tokens, at: now })
    return may
  }
}

/** Sets, as the newest of at most MEMORY keys. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MEMORY) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
