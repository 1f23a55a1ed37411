// The keyboard. Typing in a field and holding a modifier leave it alone.
import { useEffect, useRef } from 'react'

export interface KeyBinding {
  /** What the overlay says. */
  words: string
  /** `KeyboardEvent.key`, or `code` where the layout must not matter. */
  keys: readonly string[]
  press: (event: KeyboardEvent) => void
  /** Held for so long before `press`; absent: at once. */
  holdMs?: number
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type !== 'range' && target.type !== 'radio'
}

/** Listens while mounted. A key that is held down acts once, unless it steps. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings)
  useEffect(() => {
    latest.current = bindings
  })
  useEffect(() => {
    const holding = new Map<string, ReturnType<typeof setTimeout>>()
    const onDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const matches = (key: string): boolean => key === event.key || key === event.code
      const binding = latest.current.find(({ keys }) => keys.some(matches))
      if (!binding) return
      if (binding.holdMs === undefined) {
        event.preventDefault()
        return binding.press(event)
      }
      if (event.repeat || holding.has(event.code)) return
      holding.set(
        event.code,
        setTimeout(() => binding.press(event), binding.holdMs),
      )
    }
    const onUp = (event: KeyboardEvent): void => {
      clearTimeout(holding.get(event.code))
      holding.delete(event.code)
    }
    const letGo = (): void => {
      for (const timer of holding.values()) clearTimeout(timer)
      holding.clear()
    }
    window.addEventListener('keydown', onDown)
    window.addEventListener('keyup', onUp)
    window.addEventListener('blur', letGo)
    return () => {
      letGo()
      window.removeEventListener('keydown', onDown)
      window.removeEventListener('keyup', onUp)
      window.removeEventListener('blur', letGo)
    }
  }, [])
}
