import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { navigate } from 'wouter/use-browser-location'
import { select } from '../../live/selection.ts'
import { find } from './findable.ts'
import type { Findable } from './findable.ts'
import css from './Palette.module.css'
import { useFindables } from './useFindables.ts'

/** Finds anything by its name and looks into it: a combobox in a modal dialog, as the ARIA practices describe both. */
export function Palette({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const [refusal, setRefusal] = useState<string | null>(null)
  const open = async ({ selection, make, goTo }: Findable): Promise<void> => {
    try {
      await make?.()
    } catch (error) {
      return setRefusal(error instanceof Error ? error.message : String(error))
    }
    // First the dialog gives the focus back, then the panel takes it.
    dialog.current?.close()
    if (goTo === undefined) select(selection)
    else navigate(goTo + window.location.search)
  }
  return (
    <dialog ref={dialog} className={css.palette} aria-label="Find" onClose={onClose}>
      <Finder onOpen={(findable) => void open(findable)} />
      {refusal !== null && (
        <p className={css.none} role="alert">
          {refusal}
        </p>
      )}
    </dialog>
  )
}

function Finder({ onOpen }: { onOpen: (findable: Findable) => void }) {
  const id = useId()
  const list = useRef<HTMLUListElement>(null)
  const all = useFindables()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const found = useMemo(() => find(all, text), [all, text])
  const at = Math.min(active, found.length - 1)
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  })
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setActive((at + step + found.length) % Math.max(1, found.length))
    } else if (event.key === 'Enter' && found[at]) {
      event.preventDefault()
      onOpen(found[at])
    }
  }
  return (
    <>
      <input
        className={css.input}
        role="combobox"
        aria-label="Find a pod, node, Service or controller, or run a shell"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={found[at] && `${id}-${at}`}
        placeholder="Find a pod, node, Service …"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setActive(0)
        }}
        onKeyDown={onKey}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label="Found" className={css.list}>
        {found.map((findable, index) => {
          const { selection, kind, detail } = findable
          return (
            // The keyboard is the field's: it says which one is active.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={`${kind}/${selection.kind}/${selection.namespace ?? ''}/${selection.name}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              className={css.option}
              onClick={() => onOpen(findable)}
            >
              <span>{kind}</span>
              <b>{selection.name}</b>
              <small>{detail}</small>
            </li>
          )
        })}
      </ul>
      {found.length === 0 && (
        <p className={css.none} role="status">
          Nothing has that name.
        </p>
      )}
    </>
  )
}
