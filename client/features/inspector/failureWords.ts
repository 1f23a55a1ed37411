// Groups of failures as sentences. Pure.
import type { FailureCause } from '../../../shared/load.ts'
import type { FailureGroup, PodPhaseWord } from '../../../shared/stage.ts'
import { words } from './traceWords.ts'

const CAUSES: Record<FailureCause, string> = {
  refused: 'No connection could be made',
  reset: 'The connection was cut off',
  timeout: 'No answer came in time',
  badStatus: 'The answer was an error',
  shortBody: 'The answer ended too early',
  wrongBody: 'The answer was not the page',
}

const PHASES: Record<PodPhaseWord, string> = {
  starting: 'starting',
  ready: 'ready',
  draining: 'draining',
  failed: 'broken',
  gone: 'gone',
  unknown: 'in a state nobody knows',
}

/** What went wrong, for people. */
export function causeWords(cause: FailureCause): string {
  return CAUSES[cause]
}

/** What the pod was when it happened, and what became of it. */
export function storyOf({ pod, phase, phaseAtConnect, aftermath }: FailureGroup): string {
  if (pod === null) return 'Nobody had answered on that connection, so no pod can be named.'
  const then = aftermath
    ? `; ${words(aftermath.afterMs)} later the stage saw it ${PHASES[aftermath.phase]}`
    : ''
  const before =
    phaseAtConnect !== 'unknown' && phaseAtConnect !== phase
      ? ` It was ${PHASES[phaseAtConnect]} when the connection was made.`
      : ''
  return `It was ${PHASES[phase]} at that moment${then}.${before}`
}
