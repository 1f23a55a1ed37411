// Which key does what, for the listener and for the overlay alike.
import type { Preferences } from '../../ui/preferences.tsx'
import { stepOf } from '../../ui/Stepper.tsx'
import type { Controls } from './controls.ts'
import { PROCEED_HOLD_MS } from './stripModel.ts'
import type { KeyBinding } from './useKeys.ts'

const NODE_HOLD_MS = 600

export interface View {
  toggleDock: () => void
  toggleHelp: () => void
  close: () => void
}

/** A held key repeats; what must happen once does so on the first. */
const once =
  (act: () => void) =>
  (event: KeyboardEvent): void => {
    if (!event.repeat) act()
  }

function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  // Refused when a policy forbids it; then nothing happens, as with the browser's own key.
  else document.documentElement.requestFullscreen().catch(() => undefined)
}

/** All bindings of the stage. */
export function bindingsOf(controls: Controls, preferences: Preferences, view: View): KeyBinding[] {
  const { loadbots, servers, rollout } = controls
  const name = rollout?.name ?? 'nginx'
  return [
    {
      keys: ['BracketLeft'],
      words: 'One loadbot less (Shift: ten)',
      press: (e) => loadbots.step(-stepOf(e)),
    },
    {
      keys: ['BracketRight'],
      words: 'One loadbot more (Shift: ten)',
      press: (e) => loadbots.step(stepOf(e)),
    },
    {
      keys: ['Minus'],
      words: `One ${name} replica less (Shift: ten)`,
      press: (e) => servers.step(-stepOf(e)),
    },
    {
      keys: ['Equal'],
      words: `One ${name} replica more (Shift: ten)`,
      press: (e) => servers.step(stepOf(e)),
    },
    { keys: ['v', 'V'], words: 'Next version to update to', press: once(controls.cycleVersion) },
    { keys: ['u', 'U'], words: 'Update to that version', press: once(controls.update) },
    {
      keys: ['p', 'P'],
      words: 'Pause or resume the update',
      press: once(rollout?.paused ? controls.resume : controls.pause),
    },
    { keys: ['z', 'Z'], words: 'Roll back', press: once(controls.rollBack) },
    {
      keys: ['y', 'Y'],
      words: 'Proceed anyway',
      holdMs: PROCEED_HOLD_MS,
      press: () => controls.resume(),
    },
    { keys: ['m', 'M'], words: 'Change the proxy mode', press: once(controls.toggleProxyMode) },
    { keys: ['k', 'K'], words: 'Kill a random pod', press: once(controls.killPod) },
    {
      keys: ['n', 'N'],
      words: 'Fail or restore a node',
      holdMs: NODE_HOLD_MS,
      press: () => controls.failOrRestoreNode(),
    },
    { keys: ['h', 'H'], words: 'Hide or show the controls', press: once(view.toggleDock) },
    { keys: ['t', 'T'], words: 'Dark or light', press: once(preferences.toggleTheme) },
    { keys: ['r', 'R'], words: 'Reduced motion', press: once(preferences.toggleCalm) },
    { keys: ['f', 'F'], words: 'Full screen', press: once(toggleFullScreen) },
    { keys: ['?'], words: 'These keys', press: once(view.toggleHelp) },
    { keys: ['Escape'], words: 'Close', press: once(view.close) },
  ]
}

const NAMES: Record<string, string> = {
  BracketLeft: '[',
  BracketRight: ']',
  Minus: '-',
  Equal: '=',
  Escape: 'Esc',
}

/** How a binding's key is written on it. */
export function keyName({ keys }: Pick<KeyBinding, 'keys'>): string {
  const key = keys.at(-1) ?? ''
  return NAMES[key] ?? key
}
