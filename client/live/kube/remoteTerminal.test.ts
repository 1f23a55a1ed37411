// What is said and heard on the socket of a terminal.
import { expect, test } from 'vitest'
import { joinTerminal } from './remoteTerminal.ts'
import type { TerminalEnd } from './remoteTerminal.ts'

class FakeSocket extends EventTarget {
  readonly OPEN = 1
  readyState = 1
  binaryType = 'blob'
  readonly sent: Uint8Array[] = []
  isClosed = false
  send(bytes: Uint8Array): void {
    this.sent.push(bytes)
  }
  close(): void {
    this.isClosed = true
    this.hangUp()
  }
  say(channel: number, text: string): void {
    const data = Uint8Array.of(channel, ...new TextEncoder().encode(text)).buffer
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
  hangUp(): void {
    this.readyState = 3
    this.dispatchEvent(new Event('close'))
  }
}

function join() {
  const socket = new FakeSocket()
  const heard = { opened: 0, text: '', ends: [] as TerminalEnd[] }
  const terminal = joinTerminal(socket as unknown as WebSocket, {
    onOpen: () => (heard.opened += 1),
    onOutput: (bytes) => (heard.text += new TextDecoder().decode(bytes)),
    onEnd: (end) => heard.ends.push(end),
  })
  const sent = () =>
    socket.sent.map(([channel, ...rest]) => [
      channel,
      new TextDecoder().decode(Uint8Array.from(rest)),
    ])
  return { socket, heard, terminal, sent }
}

const failure = (code: number): string =>
  JSON.stringify({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  })

test('the empty first message opens, both outputs are heard, typing and sizes are sent', () => {
  const { socket, heard, terminal, sent } = join()
  expect(socket.binaryType).toBe('arraybuffer')
  socket.say(1, '')
  socket.say(1, 'out')
  socket.say(2, ' err')
  expect(heard).toMatchObject({ opened: 1, text: 'out err' })
  terminal.write('é\r')
  terminal.write(Uint8Array.of(65))
  terminal.resize(80, 24)
  expect(sent()).toEqual([
    [0, 'é\r'],
    [0, 'A'],
    [4, '{"Width":80,"Height":24}'],
  ])
})

test.each([
  [JSON.stringify({ status: 'Success' }), 0, 'It ended with exit code 0.'],
  [failure(3), 3, 'It ended with exit code 3.'],
  [failure(127), 127, 'It ended with exit code 127: there is no such command.'],
  [failure(137), 137, 'It ended with exit code 137: killed, signal 9.'],
  [
    JSON.stringify({ status: 'Failure', message: 'container not found ("web")' }),
    null,
    'No terminal: container not found ("web").',
  ],
])('the end is told in words: %s', (status, exitCode, words) => {
  const { socket, heard } = join()
  socket.say(1, '')
  socket.say(3, status)
  socket.hangUp()
  expect(heard.ends).toEqual([{ exitCode, words }])
})

test('an end without a status: lost, or never there', () => {
  const lost = join()
  lost.socket.say(1, '')
  lost.socket.hangUp()
  expect(lost.heard.ends[0]?.words).toMatch(/^The connection was lost/)
  const refused = join()
  refused.socket.hangUp()
  expect(refused.heard.ends[0]?.words).toBe('The cluster gave no terminal.')
  refused.terminal.write('nobody hears')
  expect(refused.socket.sent).toEqual([])
})

test('after hanging up nothing is told', () => {
  const { socket, heard, terminal } = join()
  terminal.close()
  socket.say(1, 'late')
  expect(socket.isClosed).toBe(true)
  expect(heard).toEqual({ opened: 0, text: '', ends: [] })
})
