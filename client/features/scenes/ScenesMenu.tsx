import { useId, useRef } from 'react'
import { Button } from '../../ui/Button.tsx'
import css from './ScenesMenu.module.css'
import { useScenes } from './useScenes.ts'
import type { OfferedScene, ScenesState } from './useScenes.ts'

/** In the bar: the scenes there are, and the one that is on with the way to end it. */
export function ScenesMenu({ onOpen }: { onOpen: (path: string) => void }) {
  const id = useId()
  const panel = useRef<HTMLDivElement>(null)
  const state = useScenes()
  const { playing } = state
  const start = async (scene: OfferedScene): Promise<void> => {
    if (!(await state.start(scene.name))) return
    panel.current?.hidePopover()
    onOpen(scene.view)
  }
  return (
    <div className={css.scenes}>
      <button type="button" className={css.opener} popoverTarget={id}>
        Scenes
      </button>
      {playing && <Playing scene={playing} state={state} onOpen={onOpen} />}
      <div
        ref={panel}
        id={id}
        popover="auto"
        className={css.panel}
        role="dialog"
        aria-label="Scenes"
      >
        <p className={css.promise}>
          Each puts real objects into a namespace of its own. Ending it deletes the namespace and
          leaves the cluster as it was.
        </p>
        <ul>
          {state.scenes.map((scene) => (
            <li key={scene.name} data-on={scene.on !== null}>
              <h2>{scene.title}</h2>
              <p>{scene.does}</p>
              <Act scene={scene} state={state} onStart={() => void start(scene)} />
            </li>
          ))}
        </ul>
        {state.error && <p role="alert">{state.error}</p>}
      </div>
    </div>
  )
}

function Act({
  scene,
  state,
  onStart,
}: {
  scene: OfferedScene
  state: ScenesState
  onStart: () => void
}) {
  return scene.on ? (
    <Button
      size="small"
      label={`End scene: ${scene.title}`}
      disabledReason={scene.endReason}
      tipSide="left"
      onPress={() => void state.end(scene.name)}
    >
      End
    </Button>
  ) : (
    <Button
      size="small"
      label={`Start scene: ${scene.title}`}
      disabledReason={scene.startReason}
      tipSide="left"
      onPress={onStart}
    >
      Start
    </Button>
  )
}

/** What is on, and where it stands. */
function Playing({
  scene,
  state,
  onOpen,
}: {
  scene: OfferedScene
  state: ScenesState
  onOpen: (path: string) => void
}) {
  const isEnding = scene.on?.phase === 'ending'
  return (
    <p className={css.playing} role="status" aria-label="Scene">
      <button type="button" className={css.title} onClick={() => onOpen(scene.view)}>
        {scene.title}
      </button>
      <span className={css.message}>{state.error ?? scene.on?.message}</span>
      {!isEnding && (
        <button type="button" className={css.end} onClick={() => void state.end(scene.name)}>
          End
        </button>
      )}
    </p>
  )
}
