import type { Plugin } from '../plugin.ts'

const REASON = ["node(s) didn't have free ports for the requested pod ports"]

/** Two pods cannot have the same port of one node. */
export const hostPorts: Plugin = {
  name: 'NodePorts',
  filter: (pod) =>
    pod.hostPorts.length === 0
      ? undefined
      : (node) => (pod.hostPorts.some((port) => node.hostPorts.has(port)) ? REASON : undefined),
}
