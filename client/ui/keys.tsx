// The keyboard: each part of the page adds its own keys while it is there, the newest part first. Typing in a field
// leaves them alone.
import { createContext, use, useEffect, useMemo, useRef } from 'react'
import type { ReactNode } from 'react'

export interface KeyBinding {
  /** What the overlay says. */
  words: string
  /** `KeyboardEvent.key`, or `code` where the layout must not matter; the last one is written on the overlay. */
  keys: readonly string[]
  press: (event: KeyboardEvent) => void
  /** Held for so long before `press`; absent: at once. */
  holdMs?: number
  /** Told when the holding begins (true) and when it ends, done or not (false). */
  onHold?: (isHeld: boolean) => void
  /** With Ctrl, or Command on a Mac. */
  withControl?: boolean
  /** Works, but is not worth a line on the overlay. */
  isUnlisted?: boolean
}

/** One part's keys, as they are now. */
type Layer = () => readonly KeyBinding[]

class Keyboard {
  /** Newest last. */
  readonly #layers: Layer[] = []

  add(layer: Layer): () => void {
    this.#layers.push(layer)
    return () => void this.#layers.splice(this.#layers.indexOf(layer), 1)
  }

  /** All that work now, by layer, oldest first. */
  all(): KeyBinding[] {
    return this.#layers.flatMap((layer) => layer())
  }

  find(event: KeyboardEvent): KeyBinding | undefined {
    for (const layer of this.#layers.toReversed()) {
      const binding = layer().find((each) => isMeant(each, event))
      if (binding) return binding
    }
    return undefined
  }
}

/** The name of a single letter is compared without regard to capitals, so that Caps Lock does not switch the keys off. */
function isMeant({ keys, withControl = false }: KeyBinding, event: KeyboardEvent): boolean {
  if (event.altKey || (event.ctrlKey || event.metaKey) !== withControl) return false
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return keys.some((each) => each === key || each === event.code)
}

const KeyboardContext = createContext<Keyboard | null>(null)

const CHOICES = ['range', 'radio', 'checkbox']

/** Whether what is typed belongs to a field: one of text, a terminal, an editor. Sliders and choices are no fields. */
function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !CHOICES.includes(target.type)
  if (!(target instanceof HTMLElement)) return false
  return target instanceof HTMLTextAreaElement || target.isContentEditable
}

const PAGING = ['PageUp', 'PageDown']

/** Whether a key that pages belongs to what has the focus, because that scrolls. */
function isScrolling({ key }: KeyboardEvent, target: EventTarget | null): boolean {
  if (!PAGING.includes(key) || !(target instanceof HTMLElement)) return false
  return (
    target !== document.body &&
    target.scrollHeight > target.clientHeight + 1 &&
    target.tabIndex === 0
  )
}

/** Listens to the window until stopped. */
function listen(keyboard: Keyboard): () => void {
  const holding = new Map<string, { binding: KeyBinding; timer: ReturnType<typeof setTimeout> }>()
  const release = (code: string): void => {
    const held = holding.get(code)
    if (!held) return
    clearTimeout(held.timer)
    holding.delete(code)
    held.binding.onHold?.(false)
  }
  const hold = (code: string, binding: KeyBinding, event: KeyboardEvent): void => {
    if (event.repeat || holding.has(code)) return
    const done = (): void => {
      release(code)
      binding.press(event)
    }
    holding.set(code, { binding, timer: setTimeout(done, binding.holdMs) })
    binding.onHold?.(true)
  }
  const onDown = (event: KeyboardEvent): void => {
    // What stands in a shadow root is seen from outside as its host.
    const target = event.composedPath()[0] ?? null
    if (isTyping(target) && !event.ctrlKey && !event.metaKey) return
    if (isScrolling(event, target)) return
    const binding = keyboard.find(event)
    if (!binding) return
    if (binding.holdMs !== undefined) return hold(event.code, binding, event)
    event.preventDefault()
    binding.press(event)
  }
  const onUp = (event: KeyboardEvent): void => release(event.code)
  const letGo = (): void => [...holding.keys()].forEach(release)
  window.addEventListener('keydown', onDown)
  window.addEventListener('keyup', onUp)
  window.addEventListener('blur', letGo)
  return () => {
    letGo()
    window.removeEventListener('keydown', onDown)
    window.removeEventListener('keyup', onUp)
    window.removeEventListener('blur', letGo)
  }
}

/** Around everything that has keys. */
export function KeysProvider({ children }: { children: ReactNode }) {
  const keyboard = useMemo(() => new Keyboard(), [])
  useEffect(() => listen(keyboard), [keyboard])
  return <KeyboardContext value={keyboard}>{children}</KeyboardContext>
}

function useKeyboard(): Keyboard {
  const keyboard = use(KeyboardContext)
  if (!keyboard) throw new Error('keys need a KeysProvider around them')
  return keyboard
}

/** These keys work while the calling part is on the page, before those of parts that came earlier. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const keyboard = useKeyboard()
  const latest = useRef(bindings)
  useEffect(() => {
    latest.current = bindings
  })
  useEffect(() => keyboard.add(() => latest.current), [keyboard])
}

/** Reads all keys that work at that moment, for the overlay. */
export function useReadKeys(): () => KeyBinding[] {
  const keyboard = useKeyboard()
  return () => keyboard.all()
}

/** A held key repeats; what must happen once does so on the first. */
export const once =
  (act: () => void) =>
  (event: KeyboardEvent): void => {
    if (!event.repeat) act()
  }

const NAMES: Record<string, string> = {
  BracketLeft: '[',
  BracketRight: ']',
  Minus: '-',
  Equal: '=',
  Escape: 'Esc',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
}

/** How a binding's key is written: `U`, `[`, `Ctrl K`. */
export function keyName({ keys, withControl }: Pick<KeyBinding, 'keys' | 'withControl'>): string {
  const key = keys.at(-1) ?? ''
  const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)
  return withControl ? `Ctrl ${name}` : name
}
