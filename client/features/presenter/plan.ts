// The plan of the show against the clock, and what a step does as the lines that would be typed. Pure.
import { CUES } from '../../../shared/acts.ts'
import type { Step } from '../../../shared/acts.ts'
import type { GateState } from '../../../shared/gates.ts'
import { kubectlLine } from '../../../shared/kubectl.ts'
import type { CommandContext } from '../../../shared/kubectl.ts'

/** `15:08`; whole minutes do not stop at 59. */
export function minutesOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** `38 s behind plan`, `12 s ahead of plan`, `on plan`: a step that lasts as long as planned is on plan. */
export function paceOf(cue: number, elapsedSeconds: number): string {
  const planned = CUES[cue]
  if (!planned) return 'on plan'
  const behind = Math.round(elapsedSeconds - (planned.startsAt + planned.step.seconds))
  const ahead = Math.round(planned.startsAt - elapsedSeconds)
  if (behind > 0) return `${lengthOf(behind)} behind plan`
  return ahead > 0 ? `${lengthOf(ahead)} ahead of plan` : 'on plan'
}

function lengthOf(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

/** The lines that equal what a step does now. A controller whose image is not known here is left out. */
export function linesOf({ actions }: Step, gate: GateState): string[] {
  const { rollout, fleet } = gate
  if (!rollout) return []
  const context: CommandContext = {
    namespace: rollout.key.split('/')[0] ?? 'default',
    deployment: rollout.name,
    container: rollout.container,
    image: rollout.image,
    loadbots: fleet?.name ?? 'loadbot',
    loadbotReplicas: fleet?.replicas ?? 1,
    paused: rollout.paused,
    pod: `${rollout.name}-…`,
  }
  return (actions?.(gate) ?? [])
    .filter(({ type }) => type !== 'rollingUpdate')
    .map((action) => kubectlLine(action, context))
}
