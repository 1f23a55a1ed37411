// xterm.js as a terminal in the colours of the page. It draws with elements, so that its text is text.
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import type { ITheme } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { adoptInlineStyles } from './adoptedStyles.ts'

export interface TerminalView {
  write(bytes: Uint8Array): void
  readAloud(isWanted: boolean): void
  size(): { columns: number; rows: number }
  /** Nothing is typed any more. */
  freeze(): void
  focus(): void
  close(): void
}

export interface TerminalOptions {
  /** Id of the element that says how to leave it by keyboard. */
  describedBy: string
  onInput: (text: string | Uint8Array) => void
  onResize: (columns: number, rows: number) => void
}

const SCROLLBACK_LINES = 5_000
/** WCAG 2.2, 1.4.3: what a program's colours do not give by themselves is made up for. */
const CONTRAST = 4.5

/** Opens a terminal that fills `host`, whose font and colours it takes and whose size and theme it follows. */
export function openTerminalView(host: HTMLElement, options: TerminalOptions): TerminalView {
  const { fontFamily } = getComputedStyle(host)
  const terminal = new Terminal({
    fontFamily,
    fontSize: fontSizeOf(host),
    lineHeight: 1.2,
    scrollback: SCROLLBACK_LINES,
    minimumContrastRatio: CONTRAST,
    theme: coloursOf(host),
  })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  const restoreStyles = adoptInlineStyles(host.ownerDocument)
  terminal.open(host)
  terminal.textarea?.setAttribute('aria-describedby', options.describedBy)
  // Tab is the shell's; Shift+Tab is the browser's and leads out.
  terminal.attachCustomKeyEventHandler(({ key, shiftKey }) => !(key === 'Tab' && shiftKey))
  terminal.onData(options.onInput)
  terminal.onBinary((text) => options.onInput(Uint8Array.from(text, (char) => char.charCodeAt(0))))
  terminal.onResize(({ cols, rows }) => options.onResize(cols, rows))
  const sizes = new ResizeObserver(() => {
    terminal.options.fontSize = fontSizeOf(host)
    fit.fit()
  })
  sizes.observe(host)
  fit.fit()
  const themes = new MutationObserver(() => (terminal.options.theme = coloursOf(host)))
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return {
    write: (bytes) => terminal.write(bytes),
    readAloud: (isWanted) => void (terminal.options.screenReaderMode = isWanted),
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    freeze() {
      terminal.options.disableStdin = true
      terminal.options.cursorBlink = false
    },
    focus: () => terminal.focus(),
    close() {
      sizes.disconnect()
      themes.disconnect()
      terminal.dispose()
      restoreStyles()
    },
  }
}

/** Whole px: the cells of a terminal stand on pixels. */
const fontSizeOf = (host: HTMLElement): number =>
  Math.round(Number.parseFloat(getComputedStyle(host).fontSize))

function coloursOf(host: HTMLElement): ITheme {
  const style = getComputedStyle(host)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    background: colour('bg'),
    foreground: colour('t1'),
    cursor: colour('t1'),
    cursorAccent: colour('bg'),
    selectionBackground: colour('line2'),
    scrollbarSliderBackground: colour('line2'),
    scrollbarSliderHoverBackground: colour('t3'),
    scrollbarSliderActiveBackground: colour('t3'),
    ...pair('black', colour('s3'), colour('t3')),
    ...pair('red', colour('fail-text')),
    ...pair('green', colour('v3-text')),
    ...pair('yellow', colour('v2-text')),
    ...pair('blue', colour('v1-text')),
    ...pair('magenta', colour('magenta')),
    ...pair('cyan', colour('cyan')),
    ...pair('white', colour('t2'), colour('t1')),
  }
}

type Hue = 'black' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'white'

function pair(hue: Hue, plain: string, bright = plain): ITheme {
  return { [hue]: plain, [`bright${hue[0]?.toUpperCase()}${hue.slice(1)}`]: bright }
}
