import { useEffect, useRef } from 'react'
import { Button } from '../ui/Button.tsx'
import { Kbd } from '../ui/Kbd.tsx'
import { keyName, useReadKeys } from '../ui/keys.tsx'
import css from './KeyOverlay.module.css'

/** All keys that work now and what they do. A native modal dialog: focus stays inside, Escape closes it. */
export function KeyOverlay({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const readKeys = useReadKeys()
  useEffect(() => dialog.current?.showModal(), [])
  const listed = readKeys().filter(({ isUnlisted }) => !isUnlisted)
  return (
    <dialog ref={dialog} className={css.overlay} aria-labelledby="keys-title" onClose={onClose}>
      <header className={css.header}>
        <h2 id="keys-title">Keys</h2>
        <Button size="small" onPress={() => dialog.current?.close()}>
          Close
        </Button>
      </header>
      <dl className={css.list}>
        {listed.map((binding) => (
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
