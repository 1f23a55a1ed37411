// A session as one reads it: what is typed at `$`, below it what is answered. How to write one: README.md.

export interface Step {
  /** Where it stands in the file, from 1. */
  line: number
  command: string
  /** Typed again until the answer is the one that is expected. */
  isRepeated: boolean
  expected: readonly string[]
  code: number
}

const PROMPT = /^([$~]) (.*)$/
const EXIT = /^exit (\d+)$/

/** The steps of a session, in order. Remarks, which begin with `# ` after an empty line, are left out. */
export function parseSession(text: string): Step[] {
  const steps: Step[] = []
  let isTyping = false
  let isApart = true
  for (const [index, line] of text.split('\n').entries()) {
    const step = steps.at(-1)
    const [, prompt, typed = ''] = PROMPT.exec(line) ?? []
    if (prompt) {
      const isRepeated = prompt === '~'
      const expected: string[] = []
      steps.push({ line: index + 1, command: typed, isRepeated, expected, code: 0 })
      isTyping = true
    } else if (step && isTyping && line.startsWith('> ')) {
      step.command += `\n${line.slice(2)}`
    } else if (line.trim() === '') {
      isApart = true
      continue
    } else if (step && !(isApart && line.startsWith('# '))) {
      const code = EXIT.exec(line)?.[1]
      if (code) step.code = Number(code)
      else (step.expected as string[]).push(line)
      isTyping = false
    }
    isApart = false
  }
  return steps
}

/** What stands for a value that differs from run to run. */
const VALUES: Readonly<Record<string, string>> = {
  '‹age›': String.raw`\d+[smhd](?:\d+[smhd])?`,
  '‹ip›': String.raw`\d+\.\d+\.\d+\.\d+`,
  '‹n›': String.raw`\d+`,
  '‹name›': '[a-z0-9.-]+',
  '‹time›': String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`,
  '…': '.*',
}
const MARKS = new RegExp(Object.keys(VALUES).join('|'), 'g')

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '')

function patternOf(line: string): string {
  let pattern = ''
  let from = 0
  for (const { 0: mark, index } of line.matchAll(MARKS)) {
    pattern += escaped(line.slice(from, index)) + (VALUES[mark] ?? '')
    from = index + mark.length
  }
  return pattern + escaped(line.slice(from))
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/** Whether what was printed is what is expected: line by line, but for empty lines and the width of gaps. */
export function isAsExpected(expected: readonly string[], printed: string): boolean {
  const lines = linesOf(expected.join('\n')).map((line) =>
    line === '…' ? String.raw`(?:.*\n)*?` : `${patternOf(line)}\n`,
  )
  const text = linesOf(printed).map((line) => `${line}\n`)
  return new RegExp(`^${lines.join('')}$`).test(text.join(''))
}
