// The show's script as this page follows and leads it.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { CUES } from '../../shared/acts.ts'
import type { Cue } from '../../shared/acts.ts'
import type { CueView } from '../../shared/stage.ts'
import { giveCue } from './findings.ts'
import { useViews } from './live.ts'
import { stores } from './page.ts'

/** Why the last step was not done, as a sentence; null when it was. */
const refusal = createStore(() => ({ text: null as string | null }))

/** Where the last press leads while the stage has not said so yet: presses may come faster than answers. */
let wanted: number | null = null
let underWay = 0

/** Where the show stands; null while no act is on. */
export function useCue(): (CueView & { is: Cue }) | null {
  const view = useViews('cue')[0]
  const is = view && CUES[view.cue]
  return is ? { ...view, is } : null
}

/** Why the last step could not be done; null when it was. */
export function useCueRefusal(): string | null {
  return useStore(refusal, ({ text }) => text)
}

/** The refusal has been read. */
export function forgetRefusal(): void {
  refusal.setState({ text: null })
}

/** Takes the show to that step: `run` does what it says; otherwise it is only shown. null ends the show. */
export async function goToCue(cue: number | null, run: boolean): Promise<void> {
  wanted = cue
  underWay += 1
  forgetRefusal()
  try {
    await giveCue({ cue, run })
  } catch (error) {
    refusal.setState({ text: error instanceof Error ? error.message : String(error) })
  } finally {
    underWay -= 1
    if (underWay === 0) wanted = null
  }
}

/** One step on, which does what the step says, or one back, which undoes nothing. */
export function stepShow(by: 1 | -1): void {
  const from = wanted ?? stores.feed.get('cue', 'now')?.cue ?? -1
  const to = from + by
  if (to >= CUES.length) refusal.setState({ text: 'That was the last step of the show.' })
  else if (to < 0) refusal.setState({ text: 'The show has not begun; Page Down begins it.' })
  else void goToCue(to, by > 0)
}
