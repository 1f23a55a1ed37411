// Scenes by name: chosen, they begin, or end when they are on.
import { SCENES, SCENE_WORDS } from '../../../shared/scenes.ts'
import type { SceneView } from '../../../shared/stage.ts'
import { sendAction } from '../../live/live.ts'
import type { Findable } from './findable.ts'

/** Each scene; those in `on` are ended, the others begun. */
export function scenesAsFindables(on: readonly SceneView[]): Findable[] {
  return SCENES.map((scene): Findable => {
    const isOn = on.some(({ key }) => key === scene)
    const { title, does, view } = SCENE_WORDS[scene]
    return {
      selection: { kind: 'scenes', namespace: null, name: title },
      kind: isOn ? 'End scene' : 'Scene',
      detail: does,
      goTo: view,
      async make() {
        await sendAction({ type: isOn ? 'endScene' : 'startScene', scene })
      },
    }
  })
}
