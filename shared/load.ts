// What loadbots count and the aggregator says: the numbers the hall sees start here.

/** Why a request counts as failed. A request that a closing server never began to answer is resent instead. */
export const FAILURE_CAUSES = [
  'refused',
  'reset',
  'timeout',
  'badStatus',
  'shortBody',
  'wrongBody',
] as const
export type FailureCause = (typeof FAILURE_CAUSES)[number]
export type FailureCounts = Record<FailureCause, number>

/** One loadbot's counts since it started, over all lives of its process that the aggregator has seen. At every instant sent = answered + failed + inFlight. */
export interface BotCount {
  /** The loadbot's pod. */
  pod: string
  uid: string
  sent: number
  answered: number
  failed: FailureCounts
  /** Resent because the server closed its connection properly before answering; not counted in `sent` again. */
  retried: number
  inFlight: number
  /** Names the present life of its process: a container that is restarted counts from zero again. */
  run?: string
  /** It stopped in good order and these are its last counts. */
  final?: true
}

/** Whom a loadbot asks. */
export interface LoadTarget {
  /** The name it asks for, as in the Host header. */
  host: string
  /** Where it connects to. */
  address: string
  port: number
  path: string
}

/** What a loadbot's `GET /report` says, as far as others read it. */
export interface BotReport extends BotCount {
  target?: LoadTarget
  servers: PodCount[]
}

/** Answers one server pod gave, as counted by the loadbots that got them, since the aggregator started. */
export interface PodCount {
  pod: string
  version: string
  answered: number
}

/**
 * Requests that failed together: of one cause, on one connection or for want of one. Told beside the exact counts, so
 * that the cause can be followed to a pod.
 */
export interface FailureRecord {
  /** Of one life of a loadbot, growing by one; with `run` it names the record. */
  seq: number
  run: string
  /** The loadbot's pod. */
  bot: string
  /** Milliseconds since the epoch. */
  at: number
  cause: FailureCause
  count: number
  /** The server that had answered last on that connection; '' when none had, or there was no connection. */
  pod: string
  version: string
  /** When that connection was made, which is when the Service's proxy chose the pod; null when it never was. */
  connectedAt: number | null
}

/** One line (NDJSON) of the aggregator's `GET /frames`, ten a second. */
export interface LoadFrame {
  /** Milliseconds since the epoch. */
  at: number
  /** Changes when the aggregator restarts: `servers` then counts from zero. */
  epoch: string
  bots: BotCount[]
  servers: PodCount[]
  /** Of all answers of the last second, from merged histograms; null when there were none. Milliseconds. */
  latency: { p50: number; p90: number; p99: number; max: number } | null
  /** Pods selected as loadbots that do not answer the aggregator. */
  unreachable: string[]
  /** What failed lately, oldest first; the newest few hundred. Frames repeat them, `run` and `seq` tell. */
  failures?: FailureRecord[]
}

/** When a request's steps were done, in ms since it began; microseconds are kept. */
export interface HopTimes {
  /** The connection was made: with iptables by the pod, with the userspace proxy by the proxy. */
  connectMs: number
  /** The answer's head had come. */
  firstByteMs: number
  /** The answer's last byte had come. */
  totalMs: number
}

/** What `POST /trace` of a loadbot answers: one real request, as its sender measured it. */
export interface TracedRequest extends HopTimes {
  /** When it began, ms since the epoch. */
  at: number
  /** The sender's end of the connection: `127.64.0.3:40123`. */
  from: string
  /** Whom it was sent to: the Service's address. */
  to: string
  status: number
  /** Who answered, as the answer says; '' when it does not. */
  pod: string
  version: string
  /** The sender's address as the server saw it; null when the server does not tell. */
  seenFrom: string | null
}
