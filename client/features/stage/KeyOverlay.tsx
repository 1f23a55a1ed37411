import { useEffect, useRef } from 'react'
import { Button } from '../../ui/Button.tsx'
import { Kbd } from '../../ui/Kbd.tsx'
import { keyName } from './keyMap.ts'
import css from './KeyOverlay.module.css'
import type { KeyBinding } from './useKeys.ts'

/** All keys and what they do. A native modal dialog: focus stays inside, Escape closes it. */
export function KeyOverlay({
  bindings,
  onClose,
}: {
  bindings: readonly KeyBinding[]
  onClose: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className={css.overlay} aria-labelledby="keys-title" onClose={onClose}>
      <header className={css.header}>
        <h2 id="keys-title">Keys</h2>
        <Button size="small" onPress={() => dialog.current?.close()}>
          Close
        </Button>
      </header>
      <dl className={css.list}>
        {bindings.map((binding) => (
          <div key={binding.words} className={css.row}>
            <dt>
              <Kbd>{keyName(binding)}</Kbd>
            </dt>
            <dd>
              {binding.words}
              {binding.holdMs && <span> hold {binding.holdMs / 1000} s</span>}
            </dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
