// Which key does what on the stage; those of every view are the shell's.
import { once } from '../../ui/keys.tsx'
import type { KeyBinding } from '../../ui/keys.tsx'
import { stepOf } from '../../ui/Stepper.tsx'
import type { Controls } from './controls.ts'
import { PROCEED_HOLD_MS } from './stripModel.ts'

const NODE_HOLD_MS = 600

/** All keys of the stage. */
export function bindingsOf(
  controls: Controls,
  view: {
    toggleDock: () => void
    toggleEvents: () => void
    /** Told while the key of `Proceed anyway` is held. */
    holdProceed: (isHeld: boolean) => void
  },
): KeyBinding[] {
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
    { keys: ['g'], words: 'Full load', press: once(controls.goFullLoad) },
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
    { keys: ['v'], words: 'Next version to update to', press: once(controls.cycleVersion) },
    { keys: ['u'], words: 'Update to that version', press: once(controls.update) },
    {
      keys: ['p'],
      words: 'Pause or resume the update',
      press: once(rollout?.paused ? controls.resume : controls.pause),
    },
    { keys: ['z'], words: 'Roll back', press: once(controls.rollBack) },
    {
      keys: ['y'],
      words: 'Proceed anyway',
      holdMs: PROCEED_HOLD_MS,
      onHold: view.holdProceed,
      press: () => controls.resume(),
    },
    { keys: ['m'], words: 'Change the proxy mode', press: once(controls.toggleProxyMode) },
    { keys: ['k'], words: 'Kill a random pod', press: once(controls.killPod) },
    {
      keys: ['n'],
      words: 'Fail or restore a node',
      holdMs: NODE_HOLD_MS,
      press: () => controls.failOrRestoreNode(),
    },
    { keys: ['e'], words: 'All events', press: once(view.toggleEvents) },
    { keys: ['h'], words: 'Hide or show the controls', press: once(view.toggleDock) },
  ]
}
