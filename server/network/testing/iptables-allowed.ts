// Whether tests may write iptables rules here, and what of ours is in the kernel.
import { spawnSync } from 'node:child_process'

/** Why iptables rules cannot be tested on this machine, or undefined when they can. */
export function whyNotIptables(): string | undefined {
  const chain = `PODIUM-TEST-${process.pid}`
  const input = `*nat\n:${chain} - [0:0]\n-X ${chain}\nCOMMIT\n`
  const { status, error, stderr } = spawnSync('iptables-restore', ['-w', '5', '--noflush'], {
    input,
    encoding: 'utf8',
  })
  if (error) return error.message
  return status === 0 ? undefined : stderr.trim()
}

/** The lines of iptables-save that name `text`. */
export function savedRules(text: string): string[] {
  const { stdout } = spawnSync('iptables-save', [], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(text))
}

/** Throws when rules that name one of `texts` are in the kernel. */
export function nothingLeft(...texts: string[]): void {
  const left = texts.flatMap(savedRules)
  if (left.length > 0) throw new Error(`left in the kernel:\n${left.join('\n')}`)
}

/** Hands rules to the kernel. */
export function restoreRules(input: string): void {
  const { status, stderr } = spawnSync('iptables-restore', ['-w', '5', '--noflush'], {
    input,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}
