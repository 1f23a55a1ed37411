// A terminal on the page joined with a process in a container, for as long as both are there.
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { ObjectKey } from '../../../shared/client.ts'
import { joinTerminal, TERMINAL_PROTOCOL } from '../../live/kube/remoteTerminal.ts'
import type { TerminalEnd } from '../../live/kube/remoteTerminal.ts'
import { kube } from '../../live/kubernetes.ts'
import type { TerminalWay } from './terminalTarget.ts'
import { openTerminalView } from './terminalView.ts'
import type { TerminalView } from './terminalView.ts'

export type SessionState = 'connecting' | 'open' | TerminalEnd

export interface SessionOptions {
  pod: ObjectKey
  container: string
  way: TerminalWay
  describedBy: string
  onState: (state: SessionState) => void
}

export type Session = Pick<TerminalView, 'readAloud' | 'focus' | 'close'>

/** Begins a terminal in `host`. `close()` ends what was started for it. */
export function beginSession(host: HTMLElement, options: SessionOptions): Session {
  const { pod, onState } = options
  const socket = kube.socket(pods, pod, pathOf(options), [TERMINAL_PROTOCOL])
  const remote = joinTerminal(socket, {
    onOpen() {
      const { columns, rows } = view.size()
      remote.resize(columns, rows)
      onState('open')
    },
    onOutput: (bytes) => view.write(bytes),
    onEnd(end) {
      view.freeze()
      onState(end)
    },
  })
  const view = openTerminalView(host, {
    describedBy: options.describedBy,
    onInput: (text) => remote.write(text),
    onResize: (columns, rows) => remote.resize(columns, rows),
  })
  return {
    ...view,
    close() {
      remote.close()
      view.close()
    },
  }
}

function pathOf({ container, way }: SessionOptions): string {
  const streams = { container, stdin: 'true', stdout: 'true', stderr: 'true', tty: 'true' }
  const query = way === 'exec' ? { command: 'sh', ...streams } : streams
  return `${way}?${new URLSearchParams(query).toString()}`
}
