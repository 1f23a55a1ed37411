// From what the metrics ask for to what may be done now: bounds, windows and policies, after
// pkg/controller/podautoscaler/horizontal.go (normalizeDesiredReplicas, normalizeDesiredReplicasWithBehaviors).
import type {
  HorizontalPodAutoscalerSpec,
  ScalingPolicy,
  ScalingRules,
} from '../../shared/kubernetes/autoscaling.ts'

/** What was recommended or done before, newest last; `at` in milliseconds. */
export interface History {
  recommendations: readonly { at: number; replicas: number }[]
  /** Replicas added (positive) or taken (negative). */
  changes: readonly { at: number; by: number }[]
}

export interface Limits {
  minReplicas: number
  maxReplicas: number
  /** How long (ms) a lower recommendation waits, where the spec says nothing. */
  downscaleStabilizationMs: number
  /** How many times faster than written time runs in windows and periods: 1 is Kubernetes' own pace. */
  speed: number
}

export interface Normalized {
  replicas: number
  /** Set when an earlier recommendation held this one back. */
  stabilized?: 'ScaleUpStabilized' | 'ScaleDownStabilized'
  limited: boolean
  /** Reason and message of the condition ScalingLimited. */
  reason: string
  message: string
}

const DEFAULT_UP: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}
const DEFAULT_DOWN: ScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
}

/** No more than this at once without a `behavior`: double, and four at least. */
const SCALE_UP_FACTOR = 2
const SCALE_UP_LEAST = 4

interface Rules {
  up: ScalingRules
  down: ScalingRules
}

/** The rules in force; undefined when the autoscaler has none of its own. */
function rulesOf({ behavior }: HorizontalPodAutoscalerSpec): Rules | undefined {
  if (!behavior) return undefined
  return {
    up: { ...DEFAULT_UP, ...behavior.scaleUp },
    down: { ...DEFAULT_DOWN, ...behavior.scaleDown },
  }
}

/** What may be done now about `wanted` replicas. */
export function normalize(
  wanted: number,
  current: number,
  spec: HorizontalPodAutoscalerSpec,
  limits: Limits,
  history: History,
  now: number,
): Normalized {
  const rules = rulesOf(spec)
  const windows = windowsOf(rules, limits)
  const { replicas: steady, stabilized } = stabilize(wanted, current, windows, history, now)
  const bounded = rules
    ? boundByRules(steady, current, rules, limits, history, now)
    : boundByFactor(steady, current, limits)
  return { ...bounded, ...(stabilized && { stabilized }) }
}

function windowsOf(rules: Rules | undefined, limits: Limits): { up: number; down: number } {
  const ms = (seconds: number | undefined, other: number): number =>
    seconds === undefined ? other : (seconds * 1000) / limits.speed
  return {
    up: ms(rules?.up.stabilizationWindowSeconds, 0),
    down: ms(rules?.down.stabilizationWindowSeconds, limits.downscaleStabilizationMs),
  }
}

/** Goes up only as far as everything said in the window wanted, and down likewise. */
function stabilize(
  wanted: number,
  current: number,
  windows: { up: number; down: number },
  { recommendations }: History,
  now: number,
): { replicas: number; stabilized?: Normalized['stabilized'] } {
  let up = wanted
  let down = wanted
  for (const { at, replicas } of recommendations) {
    if (at > now - windows.up) up = Math.min(up, replicas)
    if (at > now - windows.down) down = Math.max(down, replicas)
  }
  let replicas = current
  if (replicas < up) replicas = up
  if (replicas > down) replicas = down
  if (replicas === wanted) return { replicas }
  return { replicas, stabilized: wanted >= current ? 'ScaleUpStabilized' : 'ScaleDownStabilized' }
}

function boundByFactor(wanted: number, current: number, limits: Limits): Normalized {
  const { minReplicas, maxReplicas } = limits
  const most = Math.max(SCALE_UP_FACTOR * current, SCALE_UP_LEAST)
  if (wanted > Math.min(most, maxReplicas)) {
    return most < maxReplicas
      ? limitedTo(most, 'ScaleUpLimit')
      : limitedTo(maxReplicas, 'TooManyReplicas')
  }
  return wanted < minReplicas ? limitedTo(minReplicas, 'TooFewReplicas') : within(wanted)
}

function boundByRules(
  wanted: number,
  current: number,
  rules: Rules,
  limits: Limits,
  { changes }: History,
  now: number,
): Normalized {
  const { minReplicas, maxReplicas } = limits
  const done = (policy: ScalingPolicy, sign: 1 | -1): number => {
    const since = now - (policy.periodSeconds * 1000) / limits.speed
    const recent = changes.filter(({ at, by }) => at > since && Math.sign(by) === sign)
    return recent.reduce((sum, { by }) => sum + Math.abs(by), 0)
  }
  if (wanted > current) {
    const most = Math.max(
      current,
      upLimit(rules.up, current, (policy) => done(policy, 1)),
    )
    if (wanted > Math.min(most, maxReplicas)) {
      return most < maxReplicas
        ? limitedTo(most, 'ScaleUpLimit')
        : limitedTo(maxReplicas, 'TooManyReplicas')
    }
  } else if (wanted < current) {
    const least = Math.min(
      current,
      downLimit(rules.down, current, (policy) => done(policy, -1)),
    )
    if (wanted < Math.max(least, minReplicas)) {
      return least > minReplicas
        ? limitedTo(least, 'ScaleDownLimit')
        : limitedTo(minReplicas, 'TooFewReplicas')
    }
  }
  if (wanted > maxReplicas) return limitedTo(maxReplicas, 'TooManyReplicas')
  return wanted < minReplicas ? limitedTo(minReplicas, 'TooFewReplicas') : within(wanted)
}

type Done = (policy: ScalingPolicy) => number

/** The most replicas the policies allow; a period counts from what there was when it began. */
function upLimit(
  { selectPolicy, policies = [] }: ScalingRules,
  current: number,
  done: Done,
): number {
  if (selectPolicy === 'Disabled') return current
  const limits = policies.map((policy) => {
    const start = current - done(policy)
    return policy.type === 'Pods'
      ? start + policy.value
      : Math.ceil(start * (1 + policy.value / 100))
  })
  return selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits)
}

function downLimit(
  { selectPolicy, policies = [] }: ScalingRules,
  current: number,
  done: Done,
): number {
  if (selectPolicy === 'Disabled') return current
  const limits = policies.map((policy) => {
    const start = current + done(policy)
    return policy.type === 'Pods'
      ? start - policy.value
      : Math.trunc(start * (1 - policy.value / 100))
  })
  // The policy that allows the most change is the one with the lowest limit.
  return selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits)
}

const within = (replicas: number): Normalized => ({
  replicas,
  limited: false,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
})
/** Why the desired count is not taken as it is, as the condition ScalingLimited says it. */
const LIMITED = {
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
} as const

const limitedTo = (replicas: number, reason: keyof typeof LIMITED): Normalized => ({
  replicas,
  limited: true,
  reason,
  message: LIMITED[reason],
})
