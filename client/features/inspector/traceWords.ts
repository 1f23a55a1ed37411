// One traced request as the hops of its way. Pure.
import type { TraceView } from '../../../shared/stage.ts'

export interface Hop {
  title: string
  /** Addresses and rules, as they are. */
  code: string | null
  detail: string
  /** Since the request began; null where nothing was measured. */
  ms: number | null
}

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`

/** From the loadbot to the reply; only what was measured or in force is said. */
export function hopsOf(trace: TraceView): Hop[] {
  return [
    {
      title: `Loadbot ${trace.bot}`,
      code: trace.from,
      detail: trace.botNode
        ? `on ${trace.botNode}, over a new connection`
        : 'over a new connection',
      ms: 0,
    },
    { title: `Service ${trace.service}`, code: trace.to, detail: serviceWords(trace), ms: null },
    ruleHop(trace),
    podHop(trace),
    {
      title: `Reply ${trace.status}`,
      code: null,
      detail: `first byte after ${words(trace.firstByteMs)}, all of it after ${words(trace.totalMs)}`,
      ms: trace.totalMs,
    },
  ]
}

/** `0.42 ms`, `8.2 ms`. */
export function words(ms: number): string {
  return `${ms < 1 ? ms.toFixed(2) : ms.toFixed(1)} ms`
}

function serviceWords({ mode }: TraceView): string {
  if (mode === 'iptables') return 'an address that no process has: the kernel rewrites it'
  if (mode === 'userspace') return 'an address that the proxy process listens on'
  return 'how it is proxied changed while the request was on its way'
}

function ruleHop({ mode, rule, connectMs }: TraceView): Hop {
  const made = `connected after ${words(connectMs)}`
  if (!rule) {
    const detail = `which rule took it is not known; ${made}`
    return { title: 'Rule', code: null, detail, ms: connectMs }
  }
  const { place, of, text, probability } = rule
  if (mode === 'userspace') {
    const detail = `the process takes its ${of} endpoints in turn: this one gets ${percent(1 / of)}; ${made} (to the proxy)`
    return { title: 'Userspace proxy', code: null, detail, ms: connectMs }
  }
  const chance =
    place === of
      ? 'it takes whatever the rules before it left'
      : `it takes ${percent(probability)} of what reaches it`
  const detail = `${chance}, so ${percent(1 / of)} of all; ${made} (to the pod)`
  return { title: `Rule ${place} of ${of}`, code: text, detail, ms: connectMs }
}

function podHop({ pod, version, node, podAddress, seenFrom, from, firstByteMs }: TraceView): Hop {
  const seen =
    seenFrom === null
      ? 'it does not say whom it saw'
      : seenFrom === from
        ? `it saw the loadbot’s own address, ${seenFrom}`
        : `it saw ${seenFrom}, the proxy, not the loadbot`
  return {
    title: pod === '' ? 'A pod that does not say its name' : `Pod ${pod}`,
    code: podAddress,
    detail: [version, node && `on ${node}`, seen].filter(Boolean).join(', '),
    ms: firstByteMs,
  }
}
