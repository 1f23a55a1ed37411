// Which proxy this machine allows, found out by trying, and said in a sentence.
import { messageOf } from '../machinery/log.ts'
import type { IptablesOptions } from './iptables.ts'
import { startIptablesProxy } from './iptables.ts'
import type { Proxier, ProxyMode } from './proxier.ts'

export interface Choice {
  /** The mode to begin with. */
  mode: ProxyMode
  /** Why, as a sentence. */
  why: string
  /** Set up, without routes; undefined where iptables cannot be used. */
  iptables: Proxier | undefined
}

/** Tries what works here and chooses. */
export async function chooseMode(
  wanted: 'auto' | ProxyMode,
  options: IptablesOptions,
): Promise<Choice> {
  let iptables: Proxier | undefined
  let obstacle = ''
  try {
    iptables = await startIptablesProxy(options)
  } catch (error) {
    obstacle = messageOf(error)
  }
  if (wanted === 'userspace') {
    return { mode: 'userspace', why: 'Services are proxied by a process, as asked for.', iptables }
  }
  if (iptables) {
    const why = wanted === 'auto' ? 'because iptables works on this machine' : 'as asked for'
    const sentence = `Services are proxied by the kernel (iptables), ${why}.`
    return { mode: 'iptables', why: sentence, iptables }
  }
  const why = `Services are proxied by a process, because iptables cannot be used here: ${obstacle}.`
  return { mode: 'userspace', why, iptables }
}
