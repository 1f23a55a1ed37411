// Why requests failed: the loadbots' records of failures joined with what their pods were at that moment. No I/O.
import type { FailureCounts, FailureRecord } from '../../shared/load.ts'
import type {
  FailureGroup,
  FailureReport,
  PodPhaseWord,
  PodState,
  PodView,
  ServiceRules,
} from '../../shared/stage.ts'

/** Bounds of what is remembered: failures, pods, and turns in the life of one pod. */
const MAX_RECORDS = 2_000
const MAX_PODS = 5_000
const MAX_TURNS = 12
const MAX_GROUPS = 100
/** What happens to a pod this long (ms) after a failure belongs to its story: the stage hears of it only then. */
const AFTERMATH_MS = 2_000

interface Turn {
  at: number
  phase: PodPhaseWord
}

interface PodLife {
  name: string
  node: string | null
  version: string
  ip: string | null
  /** Oldest first. */
  turns: Turn[]
  /** What led connections to it, as it was last. */
  rule: string | null
}

const PHASES: Record<PodState, PodPhaseWord> = {
  pending: 'starting',
  starting: 'starting',
  ready: 'ready',
  stopping: 'draining',
  failed: 'failed',
  succeeded: 'gone',
  unknown: 'unknown',
}

export interface Autopsy {
  /** A pod of the show as it is now; undefined: it is gone. */
  podChanged(name: string, view: PodView | undefined, now: number): void
  /** The rules in force: each pod's is remembered, also when it goes. */
  rulesChanged(rules: readonly ServiceRules[]): void
  /** Takes a frame's failures; those that are known are passed over. */
  failed(records: readonly FailureRecord[]): void
  /** @param exact the exact counts, which the stories are held against */
  report(exact: FailureCounts): FailureReport
}

/** Nothing has failed yet. */
export function createAutopsy(): Autopsy {
  /** By name; those that changed last come last. */
  const lives = new Map<string, PodLife>()
  const records: FailureRecord[] = []
  /** Up to where each loadbot's run is known. */
  const heard = new Map<string, number>()
  return {
    podChanged(name, view, now) {
      const life = lives.get(name) ?? newLife(name)
      if (view) Object.assign(life, { node: view.node, version: view.version, ip: view.ip })
      turn(life, view ? PHASES[view.state] : 'gone', now)
      lives.delete(name)
      lives.set(name, life)
      forgetOldest(lives, MAX_PODS)
    },
    rulesChanged(all) {
      const byIp = new Map(
        all.flatMap(({ mode, rules }) =>
          rules.map((rule): [string, string] => [
            rule.target.slice(0, rule.target.lastIndexOf(':')),
            rule.text ?? `${mode} proxy, in turn: 1 of ${rules.length}`,
          ]),
        ),
      )
      for (const life of lives.values()) {
        const rule = life.ip === null ? undefined : byIp.get(life.ip)
        if (rule !== undefined) life.rule = rule
      }
    },
    failed(news) {
      for (const record of news) {
        if (record.seq <= (heard.get(record.run) ?? 0)) continue
        heard.delete(record.run)
        heard.set(record.run, record.seq)
        records.push(record)
      }
      forgetOldest(heard, MAX_RECORDS)
      if (records.length > MAX_RECORDS) records.splice(0, records.length - MAX_RECORDS)
    },
    report(exact) {
      const groups = new Map<string, FailureGroup & { by: Set<string> }>()
      for (const record of records) addTo(groups, record, lives.get(record.pod))
      const told = [...groups.values()].reduce((sum, { count }) => sum + count, 0)
      const total = Object.values(exact).reduce((sum, count) => sum + count, 0)
      return {
        byCause: { ...exact },
        groups: [...groups.values()]
          .sort((a, b) => b.last - a.last)
          .slice(0, MAX_GROUPS)
          .map(({ by, ...group }) => ({ ...group, bots: by.size })),
        untold: Math.max(0, total - told),
      }
    },
  }
}

function newLife(name: string): PodLife {
  return { name, node: null, version: '', ip: null, turns: [], rule: null }
}

function turn(life: PodLife, phase: PodPhaseWord, at: number): void {
  if (life.turns.at(-1)?.phase === phase) return
  life.turns.push({ at, phase })
  if (life.turns.length > MAX_TURNS) life.turns.shift()
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}

/** Puts a record to those that have the same story. */
function addTo(
  groups: Map<string, FailureGroup & { by: Set<string> }>,
  record: FailureRecord,
  life: PodLife | undefined,
): void {
  const { cause, count, at, pod, connectedAt, bot, version } = record
  const phase = phaseAt(life, at)
  const phaseAtConnect = connectedAt === null ? 'unknown' : phaseAt(life, connectedAt)
  const key = [cause, pod, phase, phaseAtConnect].join('\n')
  const known = groups.get(key)
  if (known) {
    known.count += count
    known.first = Math.min(known.first, at)
    known.last = Math.max(known.last, at)
    known.by.add(bot)
    return
  }
  groups.set(key, {
    cause,
    count,
    first: at,
    last: at,
    pod: pod || null,
    version: version || (life?.version ?? null),
    node: life?.node ?? null,
    phase,
    phaseAtConnect,
    aftermath: aftermathOf(life, at),
    rule: life?.rule ?? null,
    bots: 1,
    by: new Set([bot]),
  })
}

/** What the pod was at that moment, as the stage had heard; before its first turn nothing is known. */
function phaseAt(life: PodLife | undefined, at: number): PodPhaseWord {
  return life?.turns.findLast((each) => each.at <= at)?.phase ?? 'unknown'
}

function aftermathOf(life: PodLife | undefined, at: number): FailureGroup['aftermath'] {
  const next = life?.turns.find((each) => each.at > at && each.at - at <= AFTERMATH_MS)
  return next ? { phase: next.phase, afterMs: Math.round(next.at - at) } : null
}
